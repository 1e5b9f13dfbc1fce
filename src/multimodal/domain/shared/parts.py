"""Captures that were cut out of others: candidates by fingerprints of windows, each looked at before it is believed.

    Views ......... what is known of the captures of one modality that can be recognised
    part_links .... Views -> links from parts to their wholes, beyond those of near-duplicates
    Judged ........ the forest that believes a candidate only after a look

The index of near.py finds the candidates. A pair that hangs together already is not looked at, nor one that was
refused, nor a capture that was refused `MOST` times: that bounds the time where very many look alike by their
fingerprints only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .modality import IsPart
from .near import Forest, Link, Numbers, Positions, near_links

MOST = 50
"""Times that a capture is refused before nothing is compared with it any more."""


@dataclass(frozen=True, eq=False)
class Views:
    """What is known of n captures.

    own: fingerprints, (n,). windows: those of windows, (n, k). kept: what `is_part` compares, uint8 (n, ...). shapes:
    width over height, (n,).
    """

    own: Numbers
    windows: Numbers
    kept: NDArray[np.uint8]
    shapes: NDArray[np.float64]

    def nearest(self, whole: int, part: int) -> tuple[int, int]:
        """The window of one that is nearest the other, and its distance in bits."""
        bits = np.bitwise_count(self.windows[whole] ^ self.own[part])
        window = int(bits.argmin())
        return window, int(bits[window])


class Judged(Forest):
    """What hangs together, where each new link is judged first; the nearest of several pairs at once first.

    refused: how often each capture was.
    """

    def __init__(self, views: Views, is_part: IsPart, distance: int) -> None:
        super().__init__(len(views.own))
        self.views = views
        self.is_part = is_part
        self.distance = distance
        self.refused = np.zeros(len(views.own), np.int64)
        self._seen: set[tuple[int, int]] = set()

    def join(self, i: Positions, j: Positions, bits: NDArray[np.uint8]) -> None:
        """Let trees become one whose link is believed."""
        for at in np.argsort(bits, kind="stable").tolist():
            pair = (min(int(i[at]), int(j[at])), max(int(i[at]), int(j[at])))
            if self.root[pair[0]] != self.root[pair[1]] and pair not in self._seen and self._worth(pair):
                self._seen.add(pair)
                self._judge(pair)

    def _worth(self, pair: tuple[int, int]) -> bool:
        return bool(self.refused[list(pair)].max() < MOST)

    def _judge(self, pair: tuple[int, int]) -> None:
        for whole, part in (pair, pair[::-1]):
            window, bits = self.views.nearest(whole, part)
            if bits <= self.distance and self._holds(whole, part, window):
                super().join(np.array([whole]), np.array([part]), np.array([bits], np.uint8))
                return
        self.refused[list(pair)] += 1

    def _holds(self, whole: int, part: int, window: int) -> bool:
        kept, shapes = self.views.kept, self.views.shapes
        return self.is_part(kept[whole], kept[part], window=window, stretch=float(shapes[whole] / shapes[part]))


def part_links(views: Views, is_part: IsPart, distance: int) -> list[Link]:
    """Links between captures of which one was cut out of the other: (i, j, bits), from 0 to n - 1.

    What is near as a whole hangs together already, and is in no link. distance: bits in which a window's fingerprint
    differs at most from that of what was cut out.
    """
    plain = Forest(len(views.own))
    near_links(views.own[:, None], distance, plain)
    judged = Judged(views, is_part, distance)
    judged.root = plain.root
    return near_links(np.concatenate([views.own[:, None], views.windows], axis=1), distance, judged)
