"""Where files lie: on this machine, or at a URL that fsspec, obstore or the web reaches.

    Place ..... a `Path`, or a `Remote` (its URL)
    located ... a text -> place; relative to another place, or on its own
    listed .... the files below a folder
    read ...... the bytes of a file, never more than allowed
    content ... the same as a capture's content: nothing is read before it is asked for

    file:// ................................ is a path like any other
    s3:// gs:// az:// abfs:// .............. obstore; S3 takes endpoint and credentials from the usual AWS_* variables
    http:// https:// ....................... the standard library; single files only, since the web lists no folders
    memory:// and other protocols .......... fsspec, as far as what they need is installed

What a remote file names (a manifest, a YAML) lies beside it or elsewhere on the net, never on this machine.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit
from urllib.request import Request, url2pathname, urlopen

from ..core import APPLICATION
from ..domain.shared.errors import BrokenCapture, CaptureTooLarge, DataError, MissingExtra, QualityError
from ..domain.shared.sample import read_file, refuse_large

URL = re.compile(r"([a-z][a-z0-9+.\-]+)://", re.IGNORECASE)  # two letters at least: C:// is a drive
LOCAL = frozenset({"file", "local"})
WEB = frozenset({"http", "https"})
OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "az", "azure", "abfs", "abfss", "adl"})
PATIENCE = 30  # seconds until a server that does not answer is given up
RETRIES: Mapping[str, Any] = {"max_retries": 3, "retry_timeout": timedelta(seconds=PATIENCE)}
CLIENT: Mapping[str, Any] = {"allow_http": True}  # spoken only to an endpoint that is named so


@dataclass(frozen=True)
class Remote:
    """A file or folder at a URL. size: in bytes, where it is known from a listing."""

    url: str
    size: int | None = None

    @property
    def protocol(self) -> str:
        """What stands before `://`."""
        return self.url.partition("://")[0].lower()

    @property
    def path(self) -> str:
        """Host or bucket, and what follows; without query and user."""
        rest = self.url.partition("://")[2]
        if self.protocol in WEB:
            parts = urlsplit(self.url)
            rest = parts.netloc.rpartition("@")[2] + parts.path
        return rest.rstrip("/")

    @property
    def name(self) -> str:
        """The last part."""
        last = PurePosixPath(self.path).name
        return unquote(last) if self.protocol in WEB else last

    @property
    def suffix(self) -> str:
        """With the dot."""
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> Remote:
        """The folder that it lies in."""
        return Remote(f"{self.protocol}://{posixpath.dirname(self.path)}")

    def __str__(self) -> str:
        return f"{self.protocol}://{self.path}"


Place = Path | Remote


def located(text: str, base: Place | None = None) -> Place:
    """The place that a text names: a path or URL, relative to the folder `base` if there is one.

    `DataError` when a remote base names something on this machine, or outside of its own bucket or host.
    """
    match = URL.match(text)
    if match is None:
        return _inside(base, text) if isinstance(base, Remote) else base / text if base else Path(text).expanduser()
    protocol = match[1].lower()
    if "::" in text:
        raise DataError(f"{text!r} is a chain of URLs; give a plain one.")
    if isinstance(base, Remote) and protocol not in (*WEB, *OBJECT_STORES, base.protocol):
        raise DataError(f"{base} names {text!r}: what lies at a URL may only name what lies at URLs.")
    if protocol in LOCAL:
        return Path(url2pathname(text.partition("://")[2].removeprefix("localhost")))
    return Remote(text)


def _inside(base: Remote, text: str) -> Remote:
    if text.startswith(("/", "\\", "~")) or PureWindowsPath(text).drive:
        raise DataError(f"{base} names {text!r}: what lies at a URL may not name files of this machine.")
    path = posixpath.normpath(f"{base.path}/{quote(text) if base.protocol in WEB else text}")
    if not path.startswith(f"{base.path.split('/')[0]}/"):
        raise DataError(f"{base} names {text!r}, which lies outside of it.")
    return Remote(f"{base.protocol}://{path}")


def listed(folder: Place) -> Iterator[tuple[str, Place]]:
    """All files below a folder with their paths inside it, sorted; what is hidden (`.name`) is left out.

    `DataError` when there is no such folder, or it cannot be listed.
    """
    found = _on_disk(folder) if isinstance(folder, Path) else _on_net(folder)
    yield from sorted((name, place) for name, place in found if not any(p.startswith(".") for p in name.split("/")))


def _on_disk(folder: Path) -> Iterator[tuple[str, Place]]:
    if not folder.is_dir():
        raise DataError(f"There is no folder {folder.name!r}.")
    yield from ((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())


def _on_net(folder: Remote) -> list[tuple[str, Place]]:
    if folder.protocol in WEB:
        raise DataError(f"{folder} cannot be listed, as no web server can. Give a manifest (CSV, JSONL or Parquet).")
    with _explained(partial(DataError), f"{folder} cannot be listed"):
        system, root = filesystem(folder)
        infos: Mapping[str, Mapping[str, Any]] = system.find(root, detail=True)
        inside = {name.strip("/").removeprefix(root.strip("/")).strip("/"): info for name, info in infos.items()}
        return [(name, Remote(f"{folder.url.rstrip('/')}/{name}", info.get("size"))) for name, info in inside.items()]


def read(place: Place, limit: int) -> bytes:
    """The bytes of a file; at most one more than `limit` is ever fetched.

    Raises:
        CaptureTooLarge: there are more.
        BrokenCapture: there is no such file, or it cannot be read.
        MissingExtra: what reads such URLs is not installed.
    """
    if isinstance(place, Path):
        return read_file(place, limit)
    with _explained(BrokenCapture, f"{place.name!r} cannot be read"):
        data = _from_web(place, limit) if place.protocol in WEB else _from_store(place, limit)
    if len(data) > limit:
        raise CaptureTooLarge(f"The capture has more than the {limit:,} bytes that are allowed.")
    return data


def _from_web(file: Remote, limit: int) -> bytes:
    with urlopen(Request(file.url, headers={"User-Agent": APPLICATION}), timeout=PATIENCE) as answer:
        data: bytes = answer.read(limit + 1)
        return data


def _from_store(file: Remote, limit: int) -> bytes:
    system, path = filesystem(file)
    size = system.info(path).get("size") if file.size is None else file.size
    if size is None:
        with system.open(path, "rb") as stream:
            return bytes(stream.read(limit + 1))
    refuse_large(size, limit)
    return bytes(system.cat_file(path, start=0, end=size)) if size else b""


def content(place: Place, limit: int) -> Path | Callable[[], bytes]:
    """A capture's content: the path itself, or what fetches the file when it is called."""
    return place if isinstance(place, Path) else partial(read, place, limit)


def filesystem(place: Remote) -> tuple[Any, str]:
    """The file system (fsspec's) of a URL, and the path in it; `MissingExtra` or `DataError` when there is none."""
    try:
        from fsspec.core import url_to_fs
        from obstore.fsspec import FsspecStore
    except ImportError as error:
        raise MissingExtra("storage", f"{place.protocol}://") from error
    if place.protocol in OBJECT_STORES:
        store: Any = FsspecStore  # its overloads want the protocol spelt out
        return store(place.protocol, client_options=CLIENT, retry_config=RETRIES), place.path
    try:
        system, path = url_to_fs(place.url)
    except (ImportError, ValueError) as error:
        raise DataError(f"{place.protocol}:// cannot be read here: {_reason(error)}.") from error
    return system, str(path)


@contextmanager
def _explained(kind: Callable[[str], QualityError], what: str) -> Iterator[None]:
    """File systems raise anything: here it gets a type and a message of ours."""
    try:
        yield
    except QualityError:
        raise
    except FileNotFoundError as error:
        raise kind(f"{what}: there is no such file or folder.") from error
    except Exception as error:  # the edge to foreign file systems
        raise kind(f"{what}: {_reason(error)}.") from error


def _reason(error: Exception) -> str:
    """The first line of what a library says, not too long."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:300].rstrip(".")
