"""Captures as text: strict base64, as JSON carries bytes.

decode_base64 ... text -> bytes, or `BadEncoding`
"""

from __future__ import annotations

import binascii
import re

import pybase64

from .errors import BadEncoding

_DATA_URL = re.compile(r"data:[\w!#$&^.+/;=\-]{0,200};base64,", re.IGNORECASE)


def decode_base64(text: str) -> bytes:
    """The bytes of strict base64 (RFC 4648, section 4), with or without a data-URL prefix.

    Padding is required; line breaks and blanks are skipped, since many encoders wrap lines. `BadEncoding` for anything
    else: the standard library's default drops foreign characters and returns wrong bytes.
    """
    prefix = _DATA_URL.match(text)
    given = text[prefix.end() :] if prefix else text
    try:
        data = _strictly_decoded(given.encode("ascii"))
    except ValueError as error:
        raise BadEncoding(f"This is not base64.{_hint(given)}") from error
    if not data:
        raise BadEncoding("There is no base64 text.")
    return data


def _strictly_decoded(body: bytes) -> bytes:
    """The bytes; a `ValueError` for what is no base64. Few texts hold white space, so it is looked for last."""
    try:
        return pybase64.b64decode(body, validate=True)
    except binascii.Error:
        unwrapped = body.translate(None, b" \t\r\n\f\v")
        if unwrapped == body:
            raise
        return pybase64.b64decode(unwrapped, validate=True)


def _hint(body: str) -> str:
    if body[:5].lower() == "data:":
        return " A data URL begins like 'data:image/jpeg;base64,'."
    if "-" in body or "_" in body:
        return " It looks URL-safe: use the standard alphabet with + and /."
    return " It needs the alphabet A-Z a-z 0-9 + / and padding with =."
