"""Untrusted files are read in processes of their own, which have limits and may die.

    Sandbox ... calls a function (bytes, limits) -> Parsed in one of a few warm processes

A file that makes its reader crash, hang or eat memory costs its sender an error, and nobody else anything: the process
is ended, and the next file gets a new one. What passes between the processes is JSON and plain arrays, never code.
"""

from __future__ import annotations

import contextlib
import json
import math
import os
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import asdict
from threading import BoundedSemaphore, Lock, Timer
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from ..domain.shared import errors
from ..domain.shared.errors import BrokenCapture, CaptureError, MissingExtra, QualityError
from ..domain.shared.modality import Limits, Parse
from ..domain.shared.parsed import Parsed

WORKER = "multimodal.adapters.sandbox_worker"
PASSED_ON = "PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LANG"
"""What a reader knows of the environment: no password is among it."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
LONGEST_LINE = 1 << 20
MOST_FILES = 500
"""A process that has read so many makes way for a new one."""
GIB = 1 << 30


class Sandbox:
    """Calls `parse` in another process: `(data, limits)` to what it gives, or to its error.

    parse: a function of an importable module. memory: bytes of addresses that a process may have; seconds: that one
    file may take; workers: processes at most, which begin when they are needed.

    Raises what `parse` raises, and `BrokenCapture` for a file that its reader did not survive.
    """

    def __init__(self, parse: Parse, *, memory: int = 4 * GIB, seconds: float = 30.0, workers: int = 2) -> None:
        self.parse = parse
        self.memory = memory
        self.seconds = seconds
        self.workers = workers
        self._free: list[Reader] = []
        self._owner = os.getpid()
        self._lock = Lock()
        self._turns = BoundedSemaphore(workers)
        weakref.finalize(self, end_all, self._free, os.getpid())

    def __reduce__(self) -> tuple[Callable[..., Sandbox], tuple[Parse, int, float, int]]:
        return made, (self.parse, self.memory, self.seconds, self.workers)

    def __call__(self, data: bytes, limits: Limits) -> Parsed:
        """What the file holds."""
        with self._turns:
            reader = self._taken()
            try:
                parsed = reader.ask(self.parse, data, limits)
            except QualityError:
                self._give_back(reader)
                raise
            except BaseException:
                reader.end()
                raise
            self._give_back(reader)
            return parsed

    def close(self) -> None:
        """End all processes that wait; so does the end of the program, or of the sandbox."""
        with self._lock:
            end_all(self._free, self._owner)

    def _taken(self) -> Reader:
        with self._lock:
            if self._owner != os.getpid():  # after a fork they are the parent's
                self._free.clear()
                self._owner = os.getpid()
            while self._free:
                reader = self._free.pop()
                if reader.alive:
                    return reader
        return Reader(self.memory, self.seconds)

    def _give_back(self, reader: Reader) -> None:
        if reader.alive and reader.files < MOST_FILES:
            with self._lock:
                self._free.append(reader)
        else:
            reader.end()


def end_all(readers: list[Reader], owner: int) -> None:
    """End these processes, unless they are those of a parent."""
    while readers and os.getpid() == owner:
        readers.pop().end()


def made(parse: Parse, memory: int, seconds: float, workers: int) -> Sandbox:
    """The same sandbox in another process."""
    return Sandbox(parse, memory=memory, seconds=seconds, workers=workers)


class Reader:
    """One process that reads files, one after the other."""

    def __init__(self, memory: int, seconds: float) -> None:
        self.memory = memory
        self.seconds = seconds
        self.files = 0
        self.late = False
        environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ} | ONE_THREAD
        self.process = subprocess.Popen(
            [sys.executable, "-m", WORKER, str(memory), str(math.ceil(seconds))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self.process.poll() is None and not self.late

    def end(self) -> None:
        """Kill the process."""
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # what was not yet written is lost, as it should be
                cast(BinaryIO, pipe).close()
        self.process.wait()

    def ask(self, parse: Parse, data: bytes, limits: Limits) -> Parsed:
        """What the file holds; a process that does not answer in time is killed."""
        self.files += 1
        timer = Timer(self.seconds, self._too_late)
        timer.daemon = True
        timer.start()
        try:
            return self._exchange(parse, data, limits)
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            timer.cancel()
            self.end()
            if self.late:
                message = f"Reading it took longer than {self.seconds:g} s."
            else:
                message = "Its reader crashed: the file is damaged, or made to do harm."
            raise BrokenCapture(message) from error
        finally:
            timer.cancel()

    def _too_late(self) -> None:
        self.late = True
        self.process.kill()

    def _exchange(self, parse: Parse, data: bytes, limits: Limits) -> Parsed:
        questions, answers = cast(BinaryIO, self.process.stdin), cast(BinaryIO, self.process.stdout)
        request = {"parse": f"{parse.__module__}:{parse.__qualname__}", "size": len(data), "limits": asdict(limits)}
        questions.write(json.dumps(request).encode() + b"\n")
        questions.write(data)
        questions.flush()
        head = json.loads(answers.readline(LONGEST_LINE) or "no answer")
        if "error" in head:
            raise known(head["error"], head["message"])
        arrays = {name: received(answers, dtype, shape, self.memory) for name, dtype, shape in head["arrays"]}
        return Parsed(arrays, head["facts"])


def known(name: str, message: str) -> QualityError:
    """The error of this name; the message is the reader's."""
    kind = getattr(errors, str(name), None)
    if not (isinstance(kind, type) and issubclass(kind, (CaptureError, MissingExtra))):
        return BrokenCapture(str(message))
    error = kind.__new__(kind)
    error.args = (str(message),)
    return error


def received(answers: BinaryIO, dtype: str, shape: list[int], most: int) -> NDArray[Any]:
    """An array of plain numbers that follows the answer."""
    kind = np.dtype(dtype)
    size = math.prod(shape) * kind.itemsize
    if kind.kind not in "fiub" or not all(isinstance(side, int) and side >= 0 for side in shape) or size > most:
        raise ValueError(dtype)
    buffer = bytearray(size)
    if read_into(answers, memoryview(buffer)) < size:
        raise EOFError
    return np.frombuffer(buffer, kind).reshape(shape)


def read_into(answers: BinaryIO, buffer: memoryview) -> int:
    """Fill the buffer; how much came."""
    filled = 0
    while filled < len(buffer):
        count = answers.readinto(buffer[filled:])  # type: ignore[attr-defined]
        if not count:
            break
        filled += count
    return filled
