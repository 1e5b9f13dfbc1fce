r"""Texts of strangers and figures, as people can read them.

plain ..... a name without anything that hides, turns or breaks text
embedded .. values as JSON that can stand inside an HTML page
number .... a value in as many digits as it deserves
share ..... so many of so many, in percent
"""

from __future__ import annotations

import base64
import gzip
import math
from typing import Any

import orjson


def plain(text: object) -> str:
    r"""The text on one line, control characters, direction marks and lone surrogates written as escapes.

    >>> plain("a\u202egpj.exe\n<b>")
    'a\\u202egpj.exe\\n<b>'
    """
    known = str(text)
    return known if known.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in known)


def whole(text: object) -> str:
    r"""The text as it is, but for lone surrogates, which no UTF-8 file can hold.

    >>> whole("caf\udce9")
    'caf\\udce9'
    """
    return str(text).encode("utf-8", "backslashreplace").decode()


def packed(values: Any) -> str:
    """Values (arrays too; NaN becomes null) as JSON, compressed, in letters that mean nothing to HTML.

    A table of 50,000 captures takes a third of the bytes, and no name in it can end a script or begin a tag.
    """
    data = orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)
    return base64.b64encode(gzip.compress(data, 6, mtime=0)).decode()


def number(value: float | None) -> str:
    """A figure for people: three digits, thousands separated.

    >>> number(0.012345), number(1234567.0), number(12.0), number(None)
    ('0.0123', '1,234,567', '12', '')
    """
    if value is None or not math.isfinite(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def share(count: int, total: int) -> str:
    """A share in percent, never rounded to none or to all.

    >>> share(1, 50_000), share(3, 12), share(1, 3), share(49_999, 50_000), share(0, 0)
    ('< 0.1 %', '25 %', '33 %', '> 99.9 %', '0 %')
    """
    percent = 100 * count / total if total else 0.0
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.9 < percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %" if percent % 1 and not 10 <= percent < 99 else f"{percent:.0f} %"


def extent(width: int, height: int) -> str:
    """A size in pixels, or nothing where it is not known."""
    return f"{width} \N{MULTIPLICATION SIGN} {height}" if width else ""


def counted(count: int, thing: str) -> str:
    """A count with its thing.

    >>> counted(1, "file"), counted(1200, "capture")
    ('1 file', '1,200 captures')
    """
    return f"{count:,} {thing}" + ("" if count == 1 else "s")


def uri(content: bytes, kind: str) -> str:
    """Content as an address that holds it."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
