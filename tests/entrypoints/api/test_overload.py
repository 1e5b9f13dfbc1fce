"""Too much work is refused at once, and what holds others up is not let near the compute thread."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.entrypoints.api.serving import gated

PATH = "/v1/assessments"


def head(length: int, *, path: str = PATH) -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n".encode()


def test_what_finds_no_place_gets_503_and_when_to_retry_and_the_rest_is_answered(app, photo):
    with gated(app, queue=2) as (service, assessor), ThreadPoolExecutor(2) as pool:
        admitted = [pool.submit(service.client.post, PATH, content=photo) for _ in range(2)]
        assert assessor.begun.acquire(timeout=30)
        while not service.context.compute.full:
            pass
        refused = service.client.post(PATH, content=photo)
        assessor.gate.set()
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
        assert refused.json()["type"] == "/problems/busy"
        assert [answer.result().status_code for answer in admitted] == [201, 201]


def test_a_full_service_still_answers_about_itself(app, photo):
    with gated(app, queue=1) as (service, assessor), ThreadPoolExecutor(1) as pool:
        pool.submit(service.client.post, PATH, content=photo)
        assert assessor.begun.acquire(timeout=30)
        assert service.client.get("/health/ready").status_code == 200
        assert service.client.get(PATH).status_code == 200
        assessor.gate.set()


def test_a_slow_client_holds_no_place(app, photo):
    with gated(app, queue=1) as (service, assessor), service.connect() as slow:
        assessor.gate.set()
        slow.sendall(head(len(photo)) + photo[:-1])
        assert service.client.post(PATH, content=photo).status_code == 201
        slow.sendall(photo[-1:])
        assert slow.recv(100).startswith(b"HTTP/1.1 201")


def test_a_client_that_leaves_frees_what_it_held_and_is_no_error(app, photo, caplog):
    with gated(app) as (service, assessor):
        assessor.gate.set()
        with service.connect() as leaving:
            leaving.sendall(head(1000) + bytes(500))
            while service.context.intake.held == 0:
                pass
        while service.context.intake.held:
            pass
        assert service.client.post(PATH, content=photo).status_code == 201
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_a_client_that_leaves_while_it_is_worked_for_is_no_error(app, photo, caplog):
    with gated(app, queue=1) as (service, assessor):
        with service.connect() as leaving:
            leaving.sendall(head(len(photo)) + photo)
            assert assessor.begun.acquire(timeout=30)
        assessor.gate.set()
        while service.context.compute.full:
            pass
        assert service.client.post(PATH, content=photo).status_code == 201
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(("max_bytes", "length"), [(1000, 1001), (1000, 2**62)])
def test_a_body_that_announces_too_much_is_refused_before_it_comes(app, max_bytes, length):
    with gated(app, max_bytes=max_bytes) as (service, _), service.connect() as client:
        client.sendall(head(length))
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_chunked_body_is_refused_as_soon_as_it_is_too_much(app):
    with gated(app, max_bytes=1000) as (service, _), service.connect() as client:
        client.sendall(b"POST /v1/assessments HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
        client.sendall(b"3e9\r\n" + bytes(1001) + b"\r\n")
        assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_all_bodies_together_stay_within_the_budget(app):
    with gated(app, max_bytes=100_000) as (service, _):
        budget = service.context.intake.budget
        crowd = [service.connect() for _ in range(budget // 99_000 + 1)]
        for client in crowd:
            client.sendall(head(100_000) + bytes(99_000))
        answers = [first_line(client) for client in crowd[-1:]]
        for client in crowd:
            client.close()
        assert answers == [b"HTTP/1.1 503 Service Unavailable"]


def first_line(client: socket.socket) -> bytes:
    return client.recv(1000).partition(b"\r\n")[0]
