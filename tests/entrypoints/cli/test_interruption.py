"""Killed, interrupted, its reader gone: nothing is lost, nothing is done twice, nobody sees a stack."""

import json
import os
import pty
import signal

import pytest

from tests.entrypoints.cli.conftest import ONLY
from tests.own_property import at_gate, close_gate, work, write_picture

NAMES = ["a.png", "b.png", "c_gate.png", "d.png", "e.png"]


@pytest.fixture
def photos(tmp_path):
    for seed, name in enumerate(NAMES):
        write_picture(tmp_path / "photos" / name, seed=seed)
    return tmp_path / "photos"


def stop_at_gate(process, gate, how):
    """Send a signal when the third picture is being assessed.

    Then the gate is opened: a signal that comes just before a blocking read is noticed only when the read ends.
    """
    with at_gate(process, gate):
        process.send_signal(how)
    process.wait(60)
    gate.unlink()


def test_a_killed_run_goes_on_where_it_stopped(start, run, place, photos, tmp_path):
    out = tmp_path / "results.jsonl"
    with start("assess", photos, *ONLY, "--out", out, "--workers", 1) as process:
        stop_at_gate(process, close_gate(place), signal.SIGKILL)
    assert not out.exists()
    assert work(place) == NAMES[:3]

    result = run("assess", photos, *ONLY, "--out", out, "--workers", 1)
    assert "2 of 5 are done already" in result.stderr
    assert work(place) == [*NAMES[:3], *NAMES[2:]]
    assert [json.loads(line)["name"] for line in out.read_text().splitlines()] == [f"{photos}/{name}" for name in NAMES]
    assert sorted(tmp_path.glob("results*")) == [out]


def test_what_changed_meanwhile_is_done_again(start, run, place, photos, tmp_path):
    out = tmp_path / "results.csv"
    with start("assess", photos, *ONLY, "--out", out, "--workers", 1) as process:
        stop_at_gate(process, close_gate(place), signal.SIGKILL)
    write_picture(photos / "a.png", seed=99)
    run("assess", photos, *ONLY, "--out", out)
    assert sorted(work(place)[3:]) == ["a.png", "c_gate.png", "d.png", "e.png"]


@pytest.mark.parametrize("how", ["another-model", "no-resume"])
def test_old_results_can_be_left_aside(start, run, place, photos, tmp_path, how):
    out = tmp_path / "results.csv"
    with start("assess", photos, *ONLY, "--out", out, "--workers", 1) as process:
        stop_at_gate(process, close_gate(place), signal.SIGKILL)
    recipe = place / "blueness_rule.yaml"
    if how == "another-model":
        recipe.write_text(recipe.read_text().replace("threshold: 0.6", "threshold: 0.7"))
    options = ["--no-resume"] if how == "no-resume" else []
    run("assess", photos, *ONLY, "--out", out, *options)
    assert sorted(work(place)[3:]) == NAMES


def test_ctrl_c_keeps_what_is_done_and_exits_with_130(start, place, photos, tmp_path):
    out = tmp_path / "results.csv"
    with start("assess", photos, *ONLY, "--out", out, "--workers", 1) as process:
        stop_at_gate(process, close_gate(place), signal.SIGINT)
        said = process.stderr.read().decode()
    assert process.returncode == 130
    assert "2 of 5 are kept; the same command goes on from there." in said
    assert "Traceback" not in said


def test_ctrl_c_leaves_whole_json_on_stdout(start, place, photos):
    with start("assess", photos, *ONLY, "--format", "json", "--workers", 1) as process:
        stop_at_gate(process, close_gate(place), signal.SIGINT)
        assert len(json.load(process.stdout)) == 2


def test_a_reader_that_goes_away_is_no_error(start, place, photos):
    gate = close_gate(place)
    with start("assess", photos, *ONLY, "--format", "jsonl", "--workers", 1) as process:
        for _ in NAMES[:2]:
            process.stdout.readline()
        process.stdout.close()
        with at_gate(process, gate):
            pass  # only now the third picture goes on
        assert process.stderr.read() == b""
        assert process.wait(60) == 141


def test_two_runs_do_not_write_one_file(start, run, place, photos, tmp_path):
    out = tmp_path / "results.csv"
    gate = close_gate(place)
    with start("assess", photos, *ONLY, "--out", out, "--workers", 1) as process, at_gate(process, gate):
        result = run("assess", photos, *ONLY, "--out", out)
        assert result.exit_code == 1
        assert "Another run is writing results.csv.partial" in result.stderr
        process.kill()


def test_a_killed_run_stores_each_result_once(start, run, place, photos, tmp_path):
    out = tmp_path / "results.jsonl"
    with start("assess", photos, *ONLY, "--out", out, "--store", "--workers", 1) as process:
        stop_at_gate(process, close_gate(place), signal.SIGKILL)
    run("assess", photos, *ONLY, "--out", out, "--store")
    from multimodal.bootstrap import bootstrap
    from multimodal.domain.shared.ports import Query

    stored = bootstrap().store.find(Query()).items
    assert sorted(a.id for a in stored) == sorted(json.loads(line)["id"] for line in out.read_text().splitlines())


def test_a_terminal_shows_progress_and_the_data_stays_clean(start, photos):
    ours, theirs = pty.openpty()
    with start("assess", photos, *ONLY, "--format", "jsonl", stderr=theirs) as process:
        lines = process.stdout.read().splitlines()
        process.wait(60)
    drawn = os.read(ours, 65_536).decode()
    os.close(ours)
    os.close(theirs)
    assert len([json.loads(line) for line in lines]) == 5
    assert "assessing" in drawn
    assert "5/5" in drawn


def test_without_a_terminal_no_bar_is_drawn(start, photos):
    with start("assess", photos, *ONLY) as process:
        _, said = process.communicate(timeout=60)
    assert said.decode().startswith("5 assessed: 5 good | ")
