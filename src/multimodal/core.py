"""What the whole package agrees on: its name, its version, and where it writes.

    APPLICATION ....... the name in paths, logs and answers
    version() ......... of the installed package
    default_home() .... the project's folder in a checkout, else the user's data folder
    Folders(home) ..... artifacts, data, logs and the database below one home

Everything here is computed when asked for; nothing is read or made at import.
"""

from dataclasses import dataclass
from pathlib import Path

APPLICATION = "multimodal"


def version() -> str:
    """Version of the installed package, such as `0.1.0`."""
    from importlib import metadata  # 20 ms that `--help` need not pay

    return metadata.version(APPLICATION)


@dataclass(frozen=True)
class Folders:
    """Everything that is written lies below one home; each folder is made on first use.

    >>> Folders(Path("somewhere")).database.as_posix()
    'somewhere/multimodal.db'
    """

    home: Path

    @property
    def artifacts(self) -> Path:
        """Trained models: one folder a version."""
        return self.home / "artifacts"

    @property
    def data(self) -> Path:
        """Data sets and uploads."""
        return self.home / "data"

    @property
    def logs(self) -> Path:
        """Log files, when they are asked for."""
        return self.home / "logs"

    @property
    def database(self) -> Path:
        """The SQLite file that keeps results when no database server is configured."""
        return self.home / f"{APPLICATION}.db"

    @property
    def runner(self) -> Path:
        """The file that the one runner of jobs has locked while it works."""
        return self.artifacts / "runner.lock"


def checkout(module: Path = Path(__file__)) -> Path | None:
    """The project's folder when the package runs from a checkout, else `None`.

    >>> checkout(Path("lib", "site-packages", "multimodal", "core.py")) is None
    True
    """
    source = module.resolve().parent.parent
    is_checkout = source.name == "src" and (source.parent / "pyproject.toml").is_file()
    return source.parent if is_checkout else None


def default_home(module: Path = Path(__file__)) -> Path:
    """Where the application writes unless `MULTIMODAL_HOME` says otherwise."""
    return checkout(module) or user_data_folder()


def user_data_folder() -> Path:
    """The platform's folder for data of this user, such as `~/.local/share/multimodal`."""
    from platformdirs import user_data_path

    return user_data_path(APPLICATION, appauthor=False)
