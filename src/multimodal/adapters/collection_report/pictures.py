"""Pictures of the page. Each is stored once, however often it is shown.

Gallery ... figures for captures, and the images behind them
Shot ...... one figure
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...domain.shared.showcase import Answers, Picture, Showcase
from .places import Place, Places
from .text import number, plain, uri

NOT_SHOWN = Picture(missing="Not shown.")


@dataclass(frozen=True)
class Image:
    """A stored image: its name within the page, its size in pixels, and its content as an address."""

    id: str
    width: int
    height: int
    href: str


@dataclass(frozen=True)
class Shot:
    """A capture as a figure. overlay: which image lies over it; lines: what is written below its name."""

    member: int
    place: Place
    picture: Picture
    overlay: str = ""
    lines: Sequence[str] = ()
    best: bool = False

    @property
    def name(self) -> str:
        """The whole name."""
        return self.place.name

    @property
    def short(self) -> str:
        """A name that fits below a picture."""
        return self.place.short

    @property
    def href(self) -> str | None:
        """Where its link leads."""
        return self.place.href

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.picture.width

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.picture.height


@dataclass(frozen=True, eq=False)
class Gallery:
    """Figures of a showcase."""

    showcase: Showcase
    places: Places

    def images(self) -> Iterator[Image]:
        """All images, those of overlays after their photograph."""
        for member, picture in self.showcase.pictures.items():
            if picture.photo:
                yield Image(f"p{member}", picture.width, picture.height, uri(picture.photo, "image/webp"))
            for pipeline, overlay in picture.overlays.items():
                yield Image(self._id(member, pipeline), picture.width, picture.height, uri(overlay, "image/webp"))

    def example(self, position: int, answers: Answers) -> Shot:
        """A worst example, with its figures and where its fault is seen."""
        picture = self._picture(position)
        overlay = self._id(position, answers.pipeline) if answers.pipeline in picture.overlays else ""
        lines = [described(answers, position), plain(picture.notes.get(answers.pipeline, "")).replace("_", " ")]
        return Shot(position, self.places[position], picture, overlay, [line for line in lines if line])

    def plain(self, position: int, *lines: str, best: bool = False) -> Shot:
        """A capture without overlays."""
        return Shot(position, self.places[position], self._picture(position), "", lines, best)

    def _picture(self, position: int) -> Picture:
        return self.showcase.pictures.get(position, NOT_SHOWN)

    def _id(self, position: int, pipeline: str) -> str:
        names = [answers.pipeline for answers in self.showcase.answers]
        return f"p{position}o{names.index(pipeline)}"


def described(answers: Answers, position: int) -> str:
    """The figures of an answer, such as `8.31 grey levels, score 0.02`."""
    value, score = float(answers.value[position]), float(answers.score[position])
    named = [f"{number(value)} {plain(answers.unit)}".rstrip()] if value == value else []
    return ", ".join([*named, f"score {score:.2f}"])
