"""What captures are called on the page, and where links to them lead.

A page is passed on, so a link is relative to the page's folder, and only files below it have one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from .text import plain, whole

SHORT = 34
"""Characters of a name below a picture; its end is shown."""


@dataclass(frozen=True)
class Place:
    """A capture's name, fit to be shown, in two parts, and the address of its folder (None: no link).

    whole: the name as it is, where it cannot be shown like that.
    """

    folder: str
    file: str
    base: str | None
    whole: str | None = None

    @property
    def name(self) -> str:
        """Both parts."""
        return self.folder + self.file

    @property
    def href(self) -> str | None:
        """Where its link leads."""
        return None if self.base is None else self.base + quote(self.file, safe="")

    @property
    def short(self) -> str:
        """The file's name, or its end."""
        return self.file if len(self.file) <= SHORT else "…" + self.file[1 - SHORT :]


@dataclass(frozen=True, eq=False)
class Places:
    """The places of captures by position; `folder` is that of the page, None when nobody knows it."""

    names: Sequence[str]
    paths: Sequence[Path | None]
    folder: Path | None

    def __getitem__(self, position: int) -> Place:
        name = whole(self.names[position])
        shown = plain(name)
        folder, slash, file = shown.rpartition("/")
        odd = None if shown == name else name
        return Place(folder + slash, file, self._base(self.paths[position], file), odd)

    def _base(self, path: Path | None, file: str) -> str | None:
        """The folder's address; none where the file is not called as it is shown."""
        if path is None or self.folder is None or path.name != file:
            return None
        parent = os.path.dirname(path)  # noqa: PTH120  (a Path for each of 50,000 files takes a second)
        if parent not in self._bases:
            self._bases[parent] = _relative(parent, self.folder)
        return self._bases[parent]

    @cached_property
    def _bases(self) -> dict[str, str | None]:
        return {}


def _relative(folder: str, start: Path) -> str | None:
    """A folder as seen from another one, ready for an address; None when it does not lie below it."""
    seen = Path(os.path.relpath(os.path.abspath(folder), os.path.abspath(start)))  # noqa: PTH100  (links stay links)
    if os.pardir in seen.parts or seen.is_absolute():
        return None
    try:
        return "".join(f"{quote(part, safe='')}/" for part in (os.curdir, *seen.parts))
    except UnicodeEncodeError:
        return None
