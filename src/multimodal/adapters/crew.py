"""Child processes that answer a line with some lines: what the threads of one interpreter cannot do side by side.

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

    def ask(self, line: bytes, answers: int) -> list[bytes]:
        """So many answers to a line, all without their ends; none when the process ended instead."""
        assert self.process.stdin is not None
        self._wait_until_ready()
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            return []
        found = [self._line() for _ in range(answers)]
        return [line[:-1] for line in found] if found[-1].endswith(b"\n") else []

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

    def ask(self, line: bytes, answers: int = 1) -> list[bytes]:
        """The answers of a process that is free; none when the line ended it."""
        member = self.idle.get()
        found: list[bytes] = []
        try:
            found = member.ask(line, answers)
            return found
        finally:
            if found:
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
