"""Settings: environment and `.env` files -> one frozen value.

    Settings ........ everything that can be set; each field is the variable MULTIMODAL_<FIELD>
    load_settings ... environment > ./.env > HOME/.env > defaults
    VARIABLES ....... variable -> field
    as_environment .. the way back, for a process that is to have the same settings

An unknown variable is an error that names the nearest right one. Only the standard library is imported here:
pydantic-settings would take longer than `--help` may.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ..core import Folders, default_home
from ..domain.shared.errors import ConfigError, UnknownName, did_you_mean

PREFIX = "MULTIMODAL_"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FORMATS = ("auto", "text", "json")
TRACKING = ("mlflow", "local")
MODEL_STORES = ("local", "mlflow")
WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
PASSWORD = re.compile(r"(://[^:/@]*):.*@")


def usable_cores() -> int:
    """Cores that this process may run on."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@dataclass(frozen=True)
class Settings:
    """Everything that can be set.

    home: below it lies everything that is written. config_path: the user's own pipelines, data sets and thresholds,
    else `config` in the home.
    workers: processes that serve; queue: requests in flight that one of them admits before it answers 503.
    jobs: trainings and evaluations that may wait; 0 takes none.
    follow: seconds between two looks of the service for newly promoted models; 0 is never. shadow: whether challengers
    answer, unheard, what champions answer, and how far they agree is counted.
    max_bytes, max_pixels: the largest capture that is read. parse_memory, parse_seconds: bytes and seconds that reading
    an untrusted 3D file may take. thresholds: values that go over the user's thresholds.yaml,
    as `noise.threshold=6 blur.accept=0.7`.
    database_url: SQLAlchemy's; without it a SQLite file in the home. models_path: trained pipelines, else in the home.
    search_url: SQLAlchemy's, of the database that keeps the trials of searches; else a SQLite file in the home.
    tracking: where runs go besides the home: `mlflow` (as MLFLOW_TRACKING_URI says, else a SQLite file in the home), or
    `local`: nowhere. tracking_timeout: seconds that MLflow may take for a run. model_store: `local`, or `mlflow`: its
    registry.
    log_format: `auto` is text on a terminal and JSON lines elsewhere; log_to_file: also to the home's logs folder.

    >>> Settings(api_port=70000)
    Traceback (most recent call last):
    ...
    multimodal.domain.shared.errors.ConfigError: MULTIMODAL_API_PORT is a number from 0 to 65,535, got 70000.
    """

    home: Path = field(default_factory=default_home)
    config_path: Path | None = None
    models_path: Path | None = None
    database_url: str | None = field(default=None, repr=False)
    search_url: str | None = field(default=None, repr=False)
    tracking: str = "mlflow"
    tracking_timeout: int = 90
    model_store: str = "local"
    api_host: str = "127.0.0.1"
    api_port: int = 8000
    workers: int = field(default_factory=usable_cores)
    queue: int = 2
    jobs: int = 16
    follow: float = 2.0
    shadow: bool = False
    max_bytes: int = 64 * 2**20
    max_pixels: int = 120_000_000
    parse_memory: int = 4 * 2**30
    parse_seconds: float = 30.0
    thresholds: str = ""
    log_level: str = "INFO"
    log_format: str = "auto"
    log_to_file: bool = False

    def __post_init__(self) -> None:
        require_number("api_port", self.api_port, 0, 65_535)
        require_number("tracking_timeout", self.tracking_timeout, 1, 86_400)
        require_number("workers", self.workers, 1, 1_024)
        require_number("queue", self.queue, 1, 10_000)
        require_number("jobs", self.jobs, 0, 10_000)
        require_number("follow", self.follow, 0, 86_400)
        require_number("max_bytes", self.max_bytes, 1, 2**40)
        require_number("max_pixels", self.max_pixels, 1, 2**40)
        require_number("parse_memory", self.parse_memory, 2**30, 2**44)
        require_number("parse_seconds", self.parse_seconds, 1, 86_400)
        require_one_of("tracking", self.tracking, TRACKING)
        require_one_of("model_store", self.model_store, MODEL_STORES)
        require_one_of("log_level", self.log_level, LEVELS)
        require_one_of("log_format", self.log_format, FORMATS)
        if not self.api_host.strip():
            raise ConfigError(f"{variable('api_host')} is empty; 127.0.0.1 serves this machine, 0.0.0.0 all networks.")
        if self.config_path is not None and not self.config_path.is_dir():
            raise ConfigError(f"{variable('config_path')} is no folder; make it or correct the name.")

    @property
    def folders(self) -> Folders:
        """Where artifacts, data, logs and the database lie."""
        return Folders(self.home)

    @property
    def config(self) -> Path:
        """The user's configuration folder, which need not be there."""
        return self.config_path or self.home / "config"

    @property
    def database(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.folders.database}"

    @property
    def search(self) -> str:
        """The URL of the database of trials."""
        return self.search_url or f"sqlite:///{self.folders.artifacts / 'trials.db'}"

    @property
    def models(self) -> Path:
        """The folder of trained pipelines."""
        return self.models_path or self.folders.artifacts / "models"

    def shown(self) -> dict[str, str]:
        """Variable -> value in use, for people: a database's password is hidden."""
        values = {name: getattr(self, name) for name in VARIABLES.values()}
        urls = {"database_url": self.database, "search_url": self.search}
        values |= {name: PASSWORD.sub(r"\1:***@", url) for name, url in urls.items()} | {"models_path": self.models}
        return {variable(name): "" if value is None else str(value) for name, value in values.items()}


def variable(name: str) -> str:
    """The environment variable of a field.

    >>> variable("api_port")
    'MULTIMODAL_API_PORT'
    """
    return PREFIX + name.upper()


VARIABLES: Mapping[str, str] = {variable(f.name): f.name for f in fields(Settings)}


def as_environment(settings: Settings) -> dict[str, str]:
    """The variables that make the same settings in another process."""
    values = {name: getattr(settings, field) for name, field in VARIABLES.items()}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def require_number(name: str, value: float, low: int, high: int) -> None:
    """Refuse a number outside low..high."""
    if not low <= value <= high:
        raise ConfigError(f"{variable(name)} is a number from {low:,} to {high:,}, got {value}.")


def require_one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Refuse a word that is not known."""
    if value not in known:
        raise ConfigError(f"{variable(name)} is one of {', '.join(known)}; got {value!r}.{did_you_mean(value, known)}")


def load_settings(environment: Mapping[str, str] | None = None, folder: Path | None = None, **given: Any) -> Settings:
    """Settings from the environment over `.env` in the working folder over `.env` in the home.

    `given` are fields that go over all of them, such as a command's options; None means not given.

    Raises:
        UnknownName: a variable that starts with MULTIMODAL_ but is none of ours (or a misspelt one in a `.env`).
        ConfigError: a value that cannot be used, or a `.env` that cannot be read.
    """
    given = {name: value for name, value in given.items() if value is not None}
    here = (folder or Path.cwd()) / ".env"
    texts = read_env_file(here) | known_variables(os.environ if environment is None else environment)
    home = as_path(str(given.get("home") or texts.get(variable("home")) or default_home()))
    if (home / ".env").absolute() != here.absolute():
        texts = read_env_file(home / ".env") | texts
    values = {VARIABLES[name]: parsed(name, text) for name, text in texts.items() if text.strip()}
    return Settings(**(values | given | {"home": home}))


def known_variables(texts: Mapping[str, str]) -> dict[str, str]:
    """Our variables among all; an unknown one with our prefix is an error."""
    ours = {name: text for name, text in texts.items() if name.startswith(PREFIX)}
    for name in ours:
        if name not in VARIABLES:
            raise UnknownName("setting", name, VARIABLES)
    return ours


def read_env_file(path: Path) -> dict[str, str]:
    """Our variables in a `.env` file, if there is one; the keys of other programs may stand beside ours."""
    if not path.is_file():
        return {}
    try:
        texts = dict(env_lines(path.read_text(encoding="utf-8-sig")))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("A .env file cannot be read; it has to be readable UTF-8 text.") from error
    for name in texts:
        if not name.startswith(PREFIX) and get_close_matches(name.upper(), VARIABLES, cutoff=0.85):
            raise UnknownName("setting", name.upper(), VARIABLES)
    return known_variables(texts)


ENV_LINE = re.compile(
    r"""\s* (?:export\s+)? (?P<name>[A-Za-z_][A-Za-z0-9_.-]*) \s*=\s*
        (?: '(?P<single>[^']*)' | "(?P<double>[^"]*)" | (?P<plain>[^\#'"\s](?:[^\#]|(?<!\s)\#)*)? ) \s* (?:\#.*)?""",
    re.VERBOSE,
)


def env_lines(text: str) -> Iterator[tuple[str, str]]:
    r"""Names and values of `.env` text; a value may be quoted, a comment starts with `#`.

    >>> dict(env_lines("# ours\nexport A=1 # one\nB='two words'\nC="))
    {'A': '1', 'B': 'two words', 'C': ''}
    """
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = ENV_LINE.fullmatch(line)
        if match is None:
            raise ConfigError(f"Line {number} of a .env file is not NAME=value.")
        yield match["name"], (match["single"] or match["double"] or match["plain"] or "").strip()


def as_path(text: str) -> Path:
    """A path; `~` is the user's folder."""
    return Path(text).expanduser().absolute()


def as_flag(text: str) -> bool:
    """A truth value from one of the usual words."""
    return WORDS[text.lower()]


CONVERTERS: Mapping[str, tuple[Callable[[str], Any], str]] = {  # by the field's type: what converts, what it wants
    "Path": (as_path, "a path"),
    "Path | None": (as_path, "a path"),
    "int": (int, "a whole number"),
    "float": (float, "a number"),
    "bool": (as_flag, "yes or no"),
    "str": (str, "text"),
    "str | None": (str, "text"),
}
SPELLING: Mapping[str, Callable[[str], str]] = {
    "log_level": str.upper,
    "log_format": str.lower,
    "tracking": str.lower,
    "model_store": str.lower,
}
TYPES: Mapping[str, str] = {f.name: str(f.type) for f in fields(Settings)}


def parsed(name: str, text: str) -> Any:
    """The value of a variable's text, of its field's type."""
    convert, wanted = CONVERTERS[TYPES[VARIABLES[name]]]
    spell = SPELLING.get(VARIABLES[name], str)
    try:
        return convert(spell(text.strip()))
    except (ValueError, KeyError, RuntimeError) as error:  # RuntimeError: no home folder for `~`
        raise ConfigError(f"{name} is {wanted}, got {text.strip()!r}.") from error
