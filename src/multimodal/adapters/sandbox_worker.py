"""The process that reads untrusted files for `Sandbox`: it may die of them, and nobody else does.

    python -m multimodal.adapters.sandbox_worker MEMORY SECONDS

It takes one request after the other from its standard input and answers on its standard output: a line of JSON, then
the bytes that it announces. MEMORY in bytes and SECONDS of computing for one request are limits of the operating
system, where it has them (Linux; macOS keeps the second one).
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..domain.shared.errors import QualityError
from ..domain.shared.modality import Limits


def main(memory: int, seconds: int) -> None:
    """Answer until there is nothing more to be asked."""
    answers = private_output()
    limit_memory(memory)
    while line := sys.stdin.buffer.readline():
        limit_time(seconds)
        answer(json.loads(line), sys.stdin.buffer, answers)
        answers.flush()


def private_output() -> BinaryIO:
    """The standard output for answers alone: whatever a library prints goes to standard error."""
    mine = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return mine


def limit_memory(most: int) -> None:
    """At most so many bytes of addresses; and when the machine runs out of memory, this process goes first."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def limit_time(seconds: int) -> None:
    """So many more seconds of computing: it ends a process whose parent is no longer there to do so."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        used = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(used.ru_utime + used.ru_stime) + seconds + 1
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def answer(request: dict[str, Any], questions: BinaryIO, answers: BinaryIO) -> None:
    """Read one file; what it gives, or the error that it leads to, is written."""
    data = questions.read(request["size"])
    module, _, name = request["parse"].partition(":")
    try:
        parsed = getattr(importlib.import_module(module), name)(data, Limits(**request["limits"]))
        arrays = {key: plain(array) for key, array in parsed.arrays.items()}
        write(answers, {"facts": dict(parsed.facts), "arrays": described(arrays)}, list(arrays.values()))
    except QualityError as error:
        write(answers, {"error": type(error).__name__, "message": str(error)})
    except MemoryError:
        write(answers, {"error": "TooManyPixels", "message": "Reading it takes more memory than is allowed."})


def plain(array: NDArray[Any]) -> NDArray[Any]:
    """The array in the order of bytes and elements of this machine."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("="))


def described(arrays: dict[str, NDArray[Any]]) -> list[tuple[str, str, tuple[int, ...]]]:
    """Name, type and shape of each array."""
    return [(name, array.dtype.str, array.shape) for name, array in arrays.items()]


def write(answers: BinaryIO, head: dict[str, Any], arrays: Sequence[NDArray[Any]] = ()) -> None:
    """One answer."""
    answers.write(json.dumps(head).encode() + b"\n")
    for array in arrays:
        answers.write(array.reshape(-1).view(np.uint8).data)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
