"""`multimodal assess`: what comes out, where, and with which exit code."""

import csv
import io
import json

import pyarrow.parquet
import pytest

from tests.entrypoints.cli.conftest import ONLY
from tests.own_property import BLUE, GREEN, RED, work, write_picture


@pytest.fixture
def photos(tmp_path):
    """Two good pictures, a bad one in a folder, and one that is broken."""
    folder = tmp_path / "photos"
    write_picture(folder / "a.png", GREEN)
    write_picture(folder / "deep" / "blue.png", BLUE)
    write_picture(folder / "z.jpg", RED)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    return folder


@pytest.fixture
def good(tmp_path):
    return write_picture(tmp_path / "good.png", GREEN)


def test_a_folder_becomes_a_table_with_one_line_a_capture(run, photos):
    result = run("assess", photos, *ONLY)
    header, *lines = [line.split() for line in result.stdout.splitlines()]
    assert header == ["name", "verdict", "blueness", "note"]
    assert [(line[0].removeprefix(f"{photos}/"), line[1], line[2]) for line in lines] == [
        ("a.png", "good", "natural"),
        ("broken.jpg", "failed", "The"),
        ("z.jpg", "good", "natural"),
        ("deep/blue.png", "bad", "blue"),
    ]


def test_the_summary_counts_verdicts_and_issues_on_stderr(run, photos):
    result = run("assess", photos, *ONLY)
    assert result.stderr.startswith("4 assessed: 2 good, 1 bad, 1 failed | ")
    assert "blue 1" in result.stderr
    assert "broken-capture 1" in result.stderr
    assert "assessed" not in result.stdout


def test_quiet_says_nothing_but_the_results(run, photos):
    assert run("-q", "assess", photos, *ONLY).stderr == ""


def test_json_is_an_array_of_assessments_as_the_api_gives_them(run, photos):
    documents = json.loads(run("assess", photos, *ONLY, "--format", "json").stdout)
    assert [document["verdict"] for document in documents] == ["good", "failed", "good", "bad"]
    assert documents[1]["failures"][0]["code"] == "broken-capture"
    (prediction,) = documents[3]["predictions"]
    assert prediction["label"] == "blue"
    assert prediction["measures"]["blueness"] == pytest.approx(0.92, abs=0.02)


def test_json_lines_are_one_assessment_a_line(run, photos):
    lines = run("assess", photos, *ONLY, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["name"].removeprefix(f"{photos}/") for line in lines] == [
        "a.png",
        "broken.jpg",
        "z.jpg",
        "deep/blue.png",
    ]


def test_csv_is_flat(run, photos):
    rows = list(csv.DictReader(io.StringIO(run("assess", photos, *ONLY, "--format", "csv").stdout)))
    assert list(rows[0]) == [
        "path",
        "verdict",
        "blueness_rule_label",
        "blueness_rule_accepted",
        "blueness_rule_score",
        "blueness_rule_value",
        "failure",
    ]
    assert [row["blueness_rule_accepted"] for row in rows] == ["true", "", "true", "false"]
    assert "damaged" in rows[1]["failure"]


def test_parquet_is_flat_and_typed(run, photos, tmp_path):
    out = tmp_path / "results.parquet"
    assert run("assess", photos, *ONLY, "--out", out).stdout == ""
    rows = pyarrow.parquet.read_table(out).to_pylist()
    assert [row["blueness_rule_accepted"] for row in rows] == [True, None, True, False]
    assert rows[3]["blueness_rule_value"] == pytest.approx(0.92, abs=0.02)


@pytest.mark.parametrize("suffix", ["json", "jsonl", "csv", "txt"])
def test_a_file_holds_what_stdout_would_have(run, photos, tmp_path, suffix):
    form = "table" if suffix == "txt" else suffix
    out = tmp_path / f"results.{suffix}"
    assert run("assess", photos, *ONLY, "--out", out).stdout == ""
    assert len(out.read_text().splitlines()) == len(run("assess", photos, *ONLY, "--format", form).stdout.splitlines())
    assert [path.name for path in tmp_path.glob("results.*")] == [out.name]


def test_what_comes_through_a_pipe_is_assessed(run, good):
    (document,) = json.loads(run("assess", "-", *ONLY, "--format", "json", input=good.read_bytes()).stdout)
    assert (document["name"], document["verdict"]) == ("stdin", "good")


def test_names_may_come_from_a_list(run, photos):
    names = f"{photos}/z.jpg\0{photos}/gone.jpg\0".encode()
    result = run("assess", "--files-from", "-", *ONLY, "--format", "jsonl", input=names)
    assert [json.loads(line)["verdict"] for line in result.stdout.splitlines()] == ["good", "failed"]


@pytest.mark.parametrize(
    ("level", "code"),
    [("never", 0), ("failed", 1), ("bad", 1), ("cannot_tell", 1)],
)
def test_a_broken_file_fails_from_its_level_on(run, photos, level, code):
    assert run("assess", photos / "a.png", photos / "broken.jpg", *ONLY, "--fail-on", level).exit_code == code


@pytest.mark.parametrize(("level", "code"), [("never", 0), ("failed", 0), ("bad", 1), ("cannot_tell", 1)])
def test_a_bad_picture_fails_from_its_level_on(run, photos, level, code):
    assert run("assess", photos / "deep", *ONLY, "--fail-on", level).exit_code == code


def test_good_pictures_never_fail(run, good):
    assert run("assess", good, *ONLY, "--fail-on", "cannot_tell").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "Name a file", id="no-path"),
        pytest.param(["nowhere"], "no file or folder 'nowhere'", id="no-such-file"),
        pytest.param(["*.nothing"], "no file or folder '*.nothing'", id="no-match"),
        pytest.param(["."], "nothing to assess", id="an-empty-folder"),
        pytest.param(["x", "--out", "no/where.csv"], "there is no folder no", id="no-folder-to-write-to"),
        pytest.param(["x", "--out", "results.xyz"], "or give --format", id="an-unknown-kind-of-file"),
        pytest.param(["x", "--format", "xml"], "is not one of", id="an-unknown-format"),
    ],
)
def test_wrong_usage_is_told_and_exits_with_2(run, arguments, message):
    result = run("assess", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_an_unknown_pipeline_names_the_nearest(run, good):
    result = run("assess", good, "--pipelines", "blueness_role")
    assert result.exit_code == 1
    assert result.stderr.startswith("multimodal: No pipeline is called 'blueness_role'. Did you mean 'blueness_rule'?")


def test_a_finished_file_is_made_anew(run, place, good, tmp_path):
    out = tmp_path / "results.csv"
    for _ in range(2):
        assert run("assess", good, *ONLY, "--out", out).exit_code == 0
    assert work(place) == ["good.png", "good.png"]


def test_an_output_that_is_no_file_is_written_to(run, good):
    assert run("assess", good, *ONLY, "--out", "/dev/null", "--format", "csv").exit_code == 0


def test_results_are_kept_in_the_database_when_asked(run, photos, tmp_path):
    run("assess", photos / "a.png", *ONLY)
    assert not (tmp_path / "home" / "multimodal.db").exists()
    documents = run("assess", photos, *ONLY, "--store", "--format", "jsonl").stdout.splitlines()
    from multimodal.bootstrap import bootstrap
    from multimodal.domain.shared.ports import Query

    stored = bootstrap().store.find(Query()).items
    assert {assessment.id for assessment in stored} == {json.loads(line)["id"] for line in documents}


def test_a_name_cannot_command_the_terminal(run, good):
    evil = good.rename(good.with_name("\x1b[2J.png"))
    result = run("assess", evil, *ONLY)
    assert "\x1b" not in result.stdout
    assert r"\x1b[2J.png" in result.stdout
