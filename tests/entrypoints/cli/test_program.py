"""The program as a whole: help, version, errors."""

import json

import pytest

COMMANDS = (
    *("assess", "pipelines", "train", "evaluate", "models", "dataset", "drift", "jobs", "runs", "serve", "config"),
)


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_everything_has_help(run, command, option):
    result = run(*command, option)
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage: multimodal")


def test_the_help_names_all_commands(run):
    assert all(f"  {name} " in run("--help").stdout for name in COMMANDS)


def test_the_version_is_told(run):
    from multimodal.core import version

    assert run("--version").stdout == f"multimodal {version()}\n"


def test_a_misspelt_command_names_the_nearest(run):
    result = run("asess")
    assert result.exit_code == 2
    assert "Did you mean 'assess'?" in result.stderr


def test_a_wrong_setting_is_one_clear_line(run, monkeypatch):
    monkeypatch.setenv("MULTIMODAL_API_PROT", "1")
    result = run("pipelines")
    assert result.exit_code == 1
    assert result.stderr.startswith("multimodal: No setting is called 'MULTIMODAL_API_PROT'. Did you mean")
    assert len(result.stderr.splitlines()) == 1


def test_an_error_of_the_operating_system_is_one_clear_line(run, tmp_path):
    result = run("assess", "--files-from", tmp_path / "gone")
    assert result.exit_code == 1
    assert result.stderr == f"multimodal: {tmp_path / 'gone'}: No such file or directory\n"


def test_pipelines_are_shown(run):
    line = next(line for line in run("pipelines").stdout.splitlines() if line.startswith("blueness_rule"))
    assert line.split()[:3] == ["blueness_rule", "image/blueness", "rule"]
    found = {info["name"]: info for info in json.loads(run("pipelines", "--format", "json").stdout)}
    assert found["blueness_rule"]["labels"] == ["blue", "natural"]
    assert found["blueness_rule"]["status"] == "ready"


def test_a_port_that_is_taken_is_one_clear_line(run):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = run("serve", "--port", port)
    assert result.exit_code == 1
    assert f"multimodal: 127.0.0.1:{port} cannot be served: another program has the port." in result.stderr
