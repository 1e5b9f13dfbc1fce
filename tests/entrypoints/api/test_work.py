"""The bounded pool: jobs run off the loop, places are limited and given back."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from concurrent.futures import Future

import pytest

from multimodal.domain.shared.errors import Busy
from multimodal.entrypoints.api.work import Work


def in_work(places, test):
    async def run():
        work = Work("test", 1, places)
        try:
            return await test(work)
        finally:
            work.close()

    return asyncio.run(run())


def test_a_job_runs_in_another_thread_and_gives_its_result():
    async def test(work):
        return await work.admit(threading.current_thread)

    assert in_work(1, test) is not threading.current_thread()


def test_who_finds_no_place_is_told_so_at_once():
    async def test(work):
        gate = threading.Event()
        inside = [asyncio.create_task(work.admit(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await work.admit(gate.wait)
        gate.set()
        return await asyncio.gather(*inside), work.taken

    assert in_work(2, test) == ([True, True], 0)


def test_a_place_is_given_back_when_the_job_fails_or_its_caller_leaves():
    async def test(work):
        with pytest.raises(ZeroDivisionError):
            await work.admit(lambda: 1 / 0)
        gate = threading.Event()
        left = asyncio.create_task(work.admit(gate.wait))
        await asyncio.sleep(0)
        left.cancel()
        gate.set()
        await asyncio.wait([left])
        return work.taken

    assert in_work(1, test) == 0


def test_what_follows_a_job_is_waited_for_but_needs_no_place():
    async def test(work):
        followed = Future()
        going_on = asyncio.create_task(work.admit_until(lambda: "result", lambda result: followed))
        async with asyncio.timeout(10):
            await asyncio.sleep(0)
            await work.run(int)  # the one thread has done the first job when this one is done
        before = going_on.done(), work.taken
        followed.set_result(None)
        return before, await going_on

    assert in_work(1, test) == ((False, 0), "result")


@pytest.mark.parametrize("job", [lambda: 1 / 0, lambda: None], ids=["the job fails", "what follows fails"])
def test_the_error_of_a_job_or_of_what_follows_reaches_the_caller(job):
    async def test(work):
        failed = Future()
        failed.set_exception(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            await work.admit_until(job, lambda result: failed)
        return work.taken

    assert in_work(1, test) == 0


def test_context_variables_go_along():
    word = contextvars.ContextVar("word")

    async def test(work):
        word.set("request 7")
        return await work.admit(word.get)

    assert in_work(1, test) == "request 7"


@pytest.mark.parametrize(("threads", "places"), [(0, 1), (2, 1)])
def test_work_needs_threads_and_a_place_for_each(threads, places):
    with pytest.raises(ValueError, match="0 < threads <= places"):
        Work("test", threads, places)
