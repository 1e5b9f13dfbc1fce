"""Settings: where they come from, what they refuse."""

import subprocess
import sys
from pathlib import Path

import pytest

from multimodal.config.config import VARIABLES, Settings, load_settings
from multimodal.core import default_home
from multimodal.domain.shared.errors import ConfigError, UnknownName
from multimodal.domain.shared.modality import Limits


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def write(folder: Path, text: str) -> None:
    (folder / ".env").write_text(text, encoding="utf-8")


def test_without_anything_set_the_defaults_hold(folder: Path) -> None:
    settings = load_settings({}, folder, home=folder)
    assert (settings.api_host, settings.api_port, settings.log_level) == ("127.0.0.1", 8000, "INFO")
    assert settings.database == f"sqlite:///{folder / 'multimodal.db'}"
    assert settings.models == folder / "artifacts" / "models"
    assert load_settings({}, folder).home == default_home()


def test_the_limits_are_those_of_the_domain() -> None:
    assert Limits(Settings().max_bytes, Settings().max_pixels) == Limits()


def test_every_field_has_its_variable(folder: Path, home: Path) -> None:
    texts = {
        "MULTIMODAL_HOME": str(home),
        "MULTIMODAL_CONFIG_PATH": str(folder),
        "MULTIMODAL_MODELS_PATH": str(folder / "models"),
        "MULTIMODAL_DATABASE_URL": "postgresql://me@db/results",
        "MULTIMODAL_SEARCH_URL": "postgresql://me@db/trials",
        "MULTIMODAL_TRACKING": "Local",
        "MULTIMODAL_TRACKING_TIMEOUT": "7",
        "MULTIMODAL_MODEL_STORE": "MLflow",
        "MULTIMODAL_API_HOST": "0.0.0.0",
        "MULTIMODAL_API_PORT": "9000",
        "MULTIMODAL_WORKERS": "3",
        "MULTIMODAL_QUEUE": "5",
        "MULTIMODAL_JOBS": "7",
        "MULTIMODAL_FOLLOW": "0.5",
        "MULTIMODAL_SHADOW": "on",
        "MULTIMODAL_MAX_BYTES": "1_000",
        "MULTIMODAL_MAX_PIXELS": "2000",
        "MULTIMODAL_PARSE_MEMORY": "2_000_000_000",
        "MULTIMODAL_PARSE_SECONDS": "2.5",
        "MULTIMODAL_LOG_LEVEL": "debug",
        "MULTIMODAL_LOG_FORMAT": "JSON",
        "MULTIMODAL_LOG_TO_FILE": "Yes",
        "MULTIMODAL_THRESHOLDS": "blur.accept=0.7",
    }
    assert set(texts) == set(VARIABLES)
    assert load_settings(texts, folder) == Settings(
        home=home,
        config_path=folder,
        models_path=folder / "models",
        database_url="postgresql://me@db/results",
        search_url="postgresql://me@db/trials",
        tracking="local",
        tracking_timeout=7,
        model_store="mlflow",
        api_host="0.0.0.0",
        api_port=9000,
        workers=3,
        queue=5,
        jobs=7,
        follow=0.5,
        shadow=True,
        max_bytes=1000,
        max_pixels=2000,
        parse_memory=2_000_000_000,
        parse_seconds=2.5,
        log_level="DEBUG",
        log_format="json",
        log_to_file=True,
        thresholds="blur.accept=0.7",
    )


def test_what_is_given_goes_over_the_environment_over_env_files(folder: Path, home: Path) -> None:
    write(home, "MULTIMODAL_QUEUE=1\nMULTIMODAL_WORKERS=1\nMULTIMODAL_API_PORT=1\nMULTIMODAL_MAX_BYTES=1")
    write(folder, f"MULTIMODAL_HOME={home}\nMULTIMODAL_WORKERS=2\nMULTIMODAL_API_PORT=2\nMULTIMODAL_MAX_BYTES=2")
    settings = load_settings({"MULTIMODAL_API_PORT": "3", "MULTIMODAL_MAX_BYTES": "3"}, folder, max_bytes=4)
    assert (settings.queue, settings.workers, settings.api_port, settings.max_bytes) == (1, 2, 3, 4)


def test_an_option_that_was_not_given_changes_nothing(folder: Path) -> None:
    assert load_settings({"MULTIMODAL_API_PORT": "3"}, folder, api_port=None, home=None).api_port == 3


def test_an_empty_variable_means_the_default(folder: Path) -> None:
    assert load_settings({"MULTIMODAL_API_PORT": " "}, folder).api_port == 8000


def test_the_environment_is_read_by_default(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MULTIMODAL_API_PORT", "4000")
    write(folder, "MULTIMODAL_QUEUE=7")
    settings = load_settings()
    assert (settings.api_port, settings.queue) == (4000, 7)


def test_the_home_may_start_at_the_users_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("USERPROFILE", str(folder))
    assert load_settings({"MULTIMODAL_HOME": "~/results"}, folder).home == folder / "results"


def test_nothing_is_written(folder: Path) -> None:
    load_settings({"MULTIMODAL_HOME": str(folder / "new")}, folder)
    assert list(folder.iterdir()) == []


def test_an_unknown_variable_names_the_nearest(folder: Path) -> None:
    with pytest.raises(UnknownName, match=r"'MULTIMODAL_API_PROT'\. Did you mean 'MULTIMODAL_API_PORT'"):
        load_settings({"MULTIMODAL_API_PROT": "1"}, folder)


@pytest.mark.parametrize("key", ["MULTIMODAL_API_PROT", "MULTIMODL_API_PORT", "multimodal_api_port"])
def test_an_unknown_key_of_an_env_file_names_the_nearest(folder: Path, key: str) -> None:
    write(folder, f"{key}=1")
    with pytest.raises(UnknownName, match="MULTIMODAL_API_PORT"):
        load_settings({}, folder)


def test_keys_of_other_programs_may_stand_in_an_env_file(folder: Path) -> None:
    write(folder, "POSTGRES_PASSWORD=secret\nDEBUG=1\nAPI_PORT=1\nMULTIMODAL_API_PORT=2")
    assert load_settings({"PATH": "/bin", "MULTI": "x"}, folder).api_port == 2


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("MULTIMODAL_API_HOST=a.example", "a.example"),
        ("export MULTIMODAL_API_HOST = a.example  # ours", "a.example"),
        ("MULTIMODAL_API_HOST='a#b'", "a#b"),
        ('MULTIMODAL_API_HOST="a b" # c', "a b"),
        ("MULTIMODAL_API_HOST=a#b", "a#b"),
        ("# MULTIMODAL_API_HOST=a", "127.0.0.1"),
        ("MULTIMODAL_API_HOST=", "127.0.0.1"),
        ("MULTIMODAL_API_HOST=''", "127.0.0.1"),
        ("\ufeffMULTIMODAL_API_HOST=a", "a"),
        ("MULTIMODAL_API_HOST=a\r\nMULTIMODAL_API_HOST=b\r\n", "b"),
    ],
)
def test_env_files_are_read_as_shells_and_docker_do(folder: Path, line: str, host: str) -> None:
    write(folder, line)
    assert load_settings({}, folder).api_host == host


@pytest.mark.parametrize(
    "line", ["MULTIMODAL_API_PORT", "a b=c", 'MULTIMODAL_API_HOST="open', "=1", "MULTIMODAL_HOME='a' b"]
)
def test_a_line_that_is_no_setting_is_named(folder: Path, line: str) -> None:
    write(folder, f"\n# comment\n{line}\n")
    with pytest.raises(ConfigError, match=r"Line 3 of a \.env file is not NAME=value"):
        load_settings({}, folder)


def test_an_env_file_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings({}, folder)


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("API_PORT", "eighty", "MULTIMODAL_API_PORT is a whole number, got 'eighty'"),
        ("API_PORT", "8e3", "a whole number"),
        ("API_PORT", "65536", "MULTIMODAL_API_PORT is a number from 0 to 65,535, got 65536"),
        ("API_PORT", "-1", "from 0 to 65,535"),
        ("WORKERS", "0", "MULTIMODAL_WORKERS is a number from 1"),
        ("QUEUE", "0", "MULTIMODAL_QUEUE is a number from 1"),
        ("MAX_BYTES", "0", "MULTIMODAL_MAX_BYTES is a number from 1"),
        ("MAX_PIXELS", str(2**50), "MULTIMODAL_MAX_PIXELS is a number from 1"),
        ("PARSE_MEMORY", "1000000", "MULTIMODAL_PARSE_MEMORY is a number from 1,073,741,824"),
        ("PARSE_SECONDS", "0", "MULTIMODAL_PARSE_SECONDS is a number from 1"),
        ("LOG_LEVEL", "loud", "MULTIMODAL_LOG_LEVEL is one of DEBUG, INFO"),
        ("LOG_FORMAT", "jsonl", "got 'jsonl'. Did you mean 'json'"),
        ("LOG_TO_FILE", "perhaps", "MULTIMODAL_LOG_TO_FILE is yes or no, got 'perhaps'"),
        ("CONFIG_PATH", "nowhere/at/all", "MULTIMODAL_CONFIG_PATH is no folder"),
    ],
)
def test_a_value_that_cannot_be_used_is_explained(folder: Path, variable: str, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings({f"MULTIMODAL_{variable}": text}, folder)


def test_an_empty_host_is_refused() -> None:
    with pytest.raises(ConfigError, match="MULTIMODAL_API_HOST is empty"):
        Settings(api_host=" ")


def test_a_password_is_never_shown(folder: Path) -> None:
    url = "postgresql://me:p@ss:w@rd@db/results"
    settings = load_settings({"MULTIMODAL_DATABASE_URL": url}, folder)
    assert settings.database == url
    assert settings.shown()["MULTIMODAL_DATABASE_URL"] == "postgresql://me:***@db/results"
    assert "ss" not in repr(settings).replace("Settings", "")


def test_everything_can_be_shown(folder: Path) -> None:
    shown = Settings(home=folder).shown()
    assert set(shown) == set(VARIABLES)
    assert shown["MULTIMODAL_CONFIG_PATH"] == ""


def test_settings_import_nothing_heavy() -> None:
    script = "import sys, multimodal.config.config; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"pydantic", "pydantic_settings", "yaml", "numpy", "sqlalchemy", "rich", "orjson"} & set(loaded)
