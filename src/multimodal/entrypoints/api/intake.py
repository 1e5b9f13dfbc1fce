"""Bodies, counted while they arrive: one too large is refused before it is read, and all together stay in a budget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import HTTPException, Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from ...domain.shared.errors import Busy
from ...domain.shared.sample import refuse_large

MOST_FILES = 256
PATIENCE = 30.0  # seconds
SLOWEST = 16 * 1024  # bytes a second: who sends slower than that runs out of patience


class Intake:
    """Reads bodies. Belongs to one event loop.

    budget: bytes of all bodies that may be here at the same time, else `Busy`.
    patience: seconds that one body may take, and one more for each 16 kB that came, else 408.
    """

    def __init__(self, budget: int, patience: float = PATIENCE) -> None:
        self.budget = budget
        self.held = 0
        self.patience = patience

    @asynccontextmanager
    async def body(self, request: Request, limit: int) -> AsyncIterator[bytes]:
        """The body, which counts until the block ends; `CaptureTooLarge` as soon as it passes `limit` bytes."""
        async with self._count(request, limit) as count:
            async with count.in_time():
                data = b"".join([chunk async for chunk in count.chunks()])
            yield data

    @asynccontextmanager
    async def files(self, request: Request, limit: int) -> AsyncIterator[list[UploadFile]]:
        """The files of a multipart form, in their order; large ones wait on disk."""
        async with self._count(request, limit) as count:
            async with count.in_time():
                form = await parse_form(request, count.chunks())
            try:
                yield [value for _, value in form.multi_items() if isinstance(value, UploadFile)]
            finally:
                await form.close()

    @asynccontextmanager
    async def _count(self, request: Request, limit: int) -> AsyncIterator[Count]:
        refuse_large(announced(request), limit)
        count = Count(self, request, limit)
        try:
            yield count
        finally:
            self.held -= count.bytes


class Count:
    """The bytes of one body, also counted in the intake's budget."""

    def __init__(self, intake: Intake, request: Request, limit: int) -> None:
        self.bytes = 0
        self._intake = intake
        self._request = request
        self._limit = limit
        self._timeout = asyncio.timeout(intake.patience)
        self._began = asyncio.get_running_loop().time()

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body, each piece counted and judged when it arrives."""
        async for chunk in self._request.stream():
            self.bytes += len(chunk)
            self._intake.held += len(chunk)
            refuse_large(self.bytes, self._limit)
            if self._intake.held > self._intake.budget:
                raise Busy
            self._timeout.reschedule(self._began + self._intake.patience + self.bytes / SLOWEST)
            yield chunk

    @asynccontextmanager
    async def in_time(self) -> AsyncIterator[None]:
        """408 when the block, which reads the chunks, runs out of time."""
        try:
            async with self._timeout:
                yield
        except TimeoutError:
            raise HTTPException(408, "The body does not arrive, or too slowly.") from None


async def parse_form(request: Request, chunks: AsyncIterator[bytes]) -> FormData:
    """A multipart form; 400 when it is malformed."""
    parser = MultiPartParser(request.headers, chunks, max_files=MOST_FILES)  # type: ignore[arg-type]
    try:
        return await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, f"The multipart form cannot be read: {error.message}") from None


def announced(request: Request) -> int:
    """The size that the header names; 0 when there is none (chunked) or it is no number."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def is_multipart(request: Request) -> bool:
    """Whether the body says that it is a multipart form."""
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")
