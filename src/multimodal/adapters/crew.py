"""Child processes that answer each line with a line: what the threads of one interpreter cannot do side by side.

Crew ...... some processes of one command; `ask` finds one that is free
Member .... one of them

A process says `READY` when it can be asked. One that dies over a line is replaced, so that line alone has no answer.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from ..domain.shared.errors import ConfigError

READY = b"ready\n"


class Member:
    """One process. Who is told to stop by Ctrl-C is its parent, so it has a process group of its own."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            command, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, **own_group()
        )
        self.is_ready = False

    def ask(self, line: bytes) -> bytes:
        """The answer to a line, both without their ends; empty when the process ended instead."""
        assert self.process.stdin is not None
        self._wait_until_ready()
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return b""
        answer = self._line()
        return answer[:-1] if answer.endswith(b"\n") else b""

    def end(self) -> None:
        """Let it end by itself, and see it off."""
        self.process.communicate()

    def _wait_until_ready(self) -> None:
        if not self.is_ready and self._line() != READY:
            raise ConfigError("A process that was to help did not start; what it said is above.")
        self.is_ready = True

    def _line(self) -> bytes:
        assert self.process.stdout is not None
        return self.process.stdout.readline()


class Crew:
    """Processes of one command, for `with`; safe to ask from as many threads as there are processes."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], size: int) -> None:
        self.command = command
        self.environment = environment
        self.size = size
        self.idle: SimpleQueue[Member] = SimpleQueue()

    def __enter__(self) -> Self:
        for _ in range(self.size):
            self._hire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        while not self.idle.empty():
            self.idle.get().end()

    def ask(self, line: bytes) -> bytes:
        """The answer of a process that is free; empty when the line ended it."""
        member = self.idle.get()
        answer = b""
        try:
            answer = member.ask(line)
            return answer
        finally:
            if answer:
                self.idle.put(member)
            else:
                member.end()
                self._hire()

    def _hire(self) -> None:
        self.idle.put(Member(self.command, self.environment))


def own_group() -> dict[str, Any]:
    """What puts a new process into a group of its own."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}
