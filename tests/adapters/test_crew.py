"""A crew of child processes: each line has its answer, and whoever dies over one is replaced."""

import os
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from multimodal.adapters.crew import Crew
from multimodal.domain.shared.errors import ConfigError

SHOUTING = """
    import os, sys
    print("ready", flush=True)
    for line in sys.stdin:
        if line.strip() == "die":
            os._exit(1)
        if line.strip() == "stammer":
            sys.stdout.write("half an ans"), sys.stdout.flush(), os._exit(1)
        if line.startswith("twice "):
            print(line.split()[1].upper())
            line = line.split()[1]
            if line == "die":
                sys.stdout.flush(), os._exit(1)
        print(line.strip().upper() if line.strip() != "who" else os.getpid(), flush=True)
"""


def crew_of(size: int, program: str = SHOUTING) -> Crew:
    return Crew([sys.executable, "-c", textwrap.dedent(program)], os.environ, size)


def test_each_line_has_its_own_answer_from_any_thread():
    lines = [f"line {number}".encode() for number in range(200)]
    with crew_of(3) as crew, ThreadPoolExecutor(3) as pool:
        assert list(pool.map(crew.ask, lines)) == [[line.upper()] for line in lines]


@pytest.mark.parametrize("fatal", [b"die", b"stammer"])
def test_a_process_that_dies_is_replaced_and_its_line_alone_has_no_answer(fatal):
    with crew_of(1) as crew:
        before = crew.ask(b"who")
        assert crew.ask(fatal) == []
        assert crew.ask(b"next") == [b"NEXT"]
        assert crew.ask(b"who") not in (before, [])


def test_a_line_may_have_several_answers_or_none_at_all():
    with crew_of(1) as crew:
        assert crew.ask(b"twice a", 2) == [b"A", b"A"]
        assert crew.ask(b"twice die", 2) == []
        assert crew.ask(b"twice b", 2) == [b"B", b"B"]


def test_processes_end_with_their_crew():
    with crew_of(2) as crew:
        members = [crew.idle.get() for _ in range(2)]
        for member in members:
            crew.idle.put(member)
    assert [member.process.returncode for member in members] == [0, 0]


def test_a_program_that_cannot_start_is_an_error_at_once():
    with crew_of(1, "raise SystemExit(3)") as crew, pytest.raises(ConfigError, match="did not start"):
        crew.ask(b"anything")
