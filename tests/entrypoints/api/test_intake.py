"""Bodies are counted while they arrive, given back when they are done, and may not take for ever."""

from __future__ import annotations

import asyncio

import pytest
from fastapi import HTTPException, Request

from multimodal.domain.shared.errors import Busy, CaptureTooLarge
from multimodal.entrypoints.api.intake import Intake, announced, is_multipart


def request_of(*chunks: bytes, headers: dict[str, str] | None = None, ends: bool = True) -> Request:
    """A request whose body comes in these chunks, and then ends or never does."""
    pending = list(chunks)

    async def receive():
        if not pending and not ends:
            await asyncio.Event().wait()
        body = pending.pop(0) if pending else b""
        return {"type": "http.request", "body": body, "more_body": bool(pending) or not ends}

    raw = [(key.lower().encode(), value.encode()) for key, value in (headers or {}).items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw}, receive)


async def read(intake: Intake, request: Request, limit: int = 100) -> tuple[bytes, int]:
    async with intake.body(request, limit) as data:
        return data, intake.held


def test_a_body_counts_as_long_as_it_is_used():
    intake = Intake(1000)
    assert asyncio.run(read(intake, request_of(b"ab", b"cd"))) == (b"abcd", 4)
    assert intake.held == 0


@pytest.mark.parametrize(
    ("intake", "request_", "error"),
    [
        pytest.param(Intake(1000), request_of(headers={"Content-Length": "101"}), CaptureTooLarge, id="announced"),
        pytest.param(Intake(1000), request_of(bytes(60), bytes(60)), CaptureTooLarge, id="arrived"),
        pytest.param(Intake(50), request_of(bytes(60)), Busy, id="over the budget"),
        pytest.param(Intake(1000, 0.01), request_of(b"a", ends=False), HTTPException, id="too slow"),
    ],
)
def test_a_body_that_is_refused_leaves_nothing_behind(intake, request_, error):
    with pytest.raises(error):
        asyncio.run(read(intake, request_))
    assert intake.held == 0


def test_a_body_that_keeps_coming_gets_more_time(monkeypatch):
    monkeypatch.setattr("multimodal.entrypoints.api.intake.SLOWEST", 0.001)
    request = request_of(b"a", b"b")
    receive = request._receive

    async def slowly():
        await asyncio.sleep(0.4)
        return await receive()

    request._receive = slowly
    assert asyncio.run(read(Intake(1000, 0.7), request))[0] == b"ab"


@pytest.mark.parametrize(("text", "size"), [("12", 12), ("", 0), ("-1", 0), ("1e3", 0), ("²", 0), ("1_0", 0)])
def test_only_a_plain_number_announces_a_size(text, size):
    request = request_of()
    request._headers = {"content-length": text}  # type: ignore[assignment]
    assert announced(request) == size


def test_a_form_is_recognised_by_its_content_type():
    assert is_multipart(request_of(headers={"Content-Type": "Multipart/Form-Data; boundary=x"}))
    assert not is_multipart(request_of(headers={"Content-Type": "image/jpeg"}))
