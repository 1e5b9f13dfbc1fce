"""Procedural scenes: every kind by its name, at any size, in linear light, the same for the same seed and size.

    nature .... leaves, foliage, grass, stones, land
    built ..... page, sign, bricks, concrete, grain, facade, steel, room
    staged .... lone, studio, portrait, shallow, night, backlit
    empty ..... wall, sky: no texture at all, so that nobody can tell whether they are sharp

A scene is what stands in front of the camera, perfectly sharp and free of noise; `camera` makes a photograph of it. The
names are what reports group by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from .light import Light
from .scenery import built, nature, staged

Size = tuple[int, int]


@dataclass(frozen=True)
class Kind:
    """A kind of scene.

    draw: from (generator, size) to linear light, exposed as a good photograph would be. share: how often it occurs.
    darkened, lightened: the stops from which a viewer calls it under- or over-exposed; infinite where nobody would know
    (a grey wall, darker, is a darker grey wall; a night, lighter, is a lighter night).
    textured: whether there is something that could be sharp.
    """

    draw: Callable[[np.random.Generator, Size], Light]
    share: float = 1.0
    darkened: float = -1.8
    lightened: float = 1.3
    textured: bool = True


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "leaves": Kind(nature.leaves),
        "foliage": Kind(nature.foliage, 0.7),
        "grass": Kind(nature.grass, 0.6),
        "stones": Kind(nature.stones, 0.6),
        "land": Kind(nature.land, 0.8),
        "page": Kind(built.page, 0.9, darkened=-2.2, lightened=1.6),
        "sign": Kind(built.sign, 0.8),
        "bricks": Kind(built.bricks, 0.8),
        "concrete": Kind(built.concrete, 0.8, darkened=-2.2, lightened=1.8),
        "grain": Kind(built.grain, 0.3, darkened=-2.2, lightened=1.8),
        "facade": Kind(built.facade),
        "steel": Kind(built.steel),
        "room": Kind(built.room, 1.2),
        "lone": Kind(staged.lone, 0.9, darkened=-2.2, lightened=1.6),
        "studio": Kind(staged.studio, 0.9, darkened=-1.8, lightened=1.6),
        "portrait": Kind(staged.portrait, 1.2),
        "shallow": Kind(staged.shallow, 1.5),
        "night": Kind(staged.night, 0.9, darkened=-2.5, lightened=np.inf),
        "backlit": Kind(staged.backlit, 0.7, darkened=-2.5, lightened=1.8),
        "wall": Kind(staged.wall, 0.5, darkened=-4, lightened=3.2, textured=False),
        "sky": Kind(nature.sky, 0.5, darkened=-4, lightened=3.2, textured=False),
    }
)


def random_kind(rng: np.random.Generator) -> str:
    """The name of a kind, drawn by its share."""
    shares = np.array([kind.share for kind in KINDS.values()])
    return str(rng.choice(list(KINDS), p=shares / shares.sum()))


def draw(kind: str, seed: int, size: Size) -> Light:
    """The scene of this kind and seed at (height, width): linear light, float32 RGB, never negative, 1.0 just white."""
    if kind not in KINDS:
        raise ValueError(f"No scene is of kind {kind!r}. Known: {', '.join(KINDS)}.")
    light = KINDS[kind].draw(np.random.default_rng(seed), size)
    return np.maximum(light, 0, out=light)
