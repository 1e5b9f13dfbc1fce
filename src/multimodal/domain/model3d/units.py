"""Units: how long is one unit of the coordinates?

A file that says it is believed; a format that defines it too. Else the unit is guessed from the size: most things that
are scanned or printed are between a centimetre and some hundred metres.

    Units ......... a unit, and how sure that is
    units_of ...... of what a file says and how large it is
    METRES ........ the units that have a name
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

METRES: Mapping[str, float] = {
    "micron": 1e-6,
    "mm": 1e-3,
    "cm": 1e-2,
    "in": 0.0254,
    "ft": 0.3048,
    "m": 1.0,
    "km": 1e3,
}
SYNONYMS: Mapping[str, str] = {
    **dict.fromkeys(("micrometer", "micrometre", "microns", "um"), "micron"),
    **dict.fromkeys(("millimeter", "millimetre", "millimeters", "millimetres"), "mm"),
    **dict.fromkeys(("centimeter", "centimetre", "centimeters", "centimetres"), "cm"),
    **dict.fromkeys(("inch", "inches"), "in"),
    **dict.fromkeys(("foot", "feet"), "ft"),
    **dict.fromkeys(("meter", "metre", "meters", "metres"), "m"),
    **dict.fromkeys(("kilometer", "kilometre", "kilometers", "kilometres"), "km"),
}
LIKELY = {"m": 3.0, "mm": 90.0}
"""Typical diagonals in the unit's own numbers: a room or a facade in metres, a part in millimetres."""
DECADES = 0.9
"""How widely sizes spread around the typical one: one standard deviation in powers of ten."""


@dataclass(frozen=True)
class Units:
    """How long one unit of the coordinates is.

    metres: of one unit; NaN when nobody knows. confidence: 0 to 1. source: `file` says it, `format` defines it, or it
    was `guessed` from the size.
    """

    name: str = "unknown"
    metres: float = math.nan
    confidence: float = 0.0
    source: str = "unknown"


def units_of(facts: Mapping[str, str | float], diagonal: float) -> Units:
    """What the file says or its format defines, else a guess from the diagonal of the bounding box."""
    named = str(facts.get("unit", "")).lower()
    name = SYNONYMS.get(named, named)
    source = str(facts.get("unit_source", "file"))
    if name in METRES:
        return Units(name, METRES[name], 1.0, source)
    metres = float(facts.get("metres", math.nan))
    if metres > 0 and math.isfinite(metres):
        known = next((n for n, m in METRES.items() if math.isclose(m, metres, rel_tol=1e-6)), f"{metres:g} m")
        return Units(known, metres, 1.0, source)
    return guessed(diagonal)


def guessed(diagonal: float) -> Units:
    """Metres or millimetres, whichever makes the size more usual; the confidence is how much more.

    >>> guessed(6.0).name, guessed(120.0).name, guessed(0.0).name
    ('m', 'mm', 'unknown')
    """
    if diagonal <= 0:
        return Units()
    odds = {name: math.exp(-0.5 * (math.log10(diagonal / usual) / DECADES) ** 2) for name, usual in LIKELY.items()}
    name = max(odds, key=odds.__getitem__)
    sure = odds[name] / (sum(odds.values()) + 0.05)
    return Units(name, METRES[name], round(sure, 3), "guessed")
