"""Labelled photographs as a data set, from files or from arrays."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

from ..shared.data import Dataset
from ..shared.errors import DataError
from ..shared.sample import Capture
from .image_utils import encode_image
from .sample import ImageSample, decode


class ImageDataset(Dataset):
    """A `Dataset` whose samples are photographs: `dataset[i]` is `(ImageSample, label)`."""

    def __init__(
        self,
        captures: Sequence[Capture],
        *,
        class_names: Sequence[str] | None = None,
        in_memory: bool = False,
        name: str = "images",
    ) -> None:
        super().__init__(captures, decode_capture, class_names=class_names, in_memory=in_memory, name=name)

    @classmethod
    def from_paths(
        cls, paths: Sequence[str | Path], labels: Sequence[str | None] | None = None, **options: Any
    ) -> Self:
        """Photographs in files, with one label each."""
        return cls([Capture(str(p), Path(p), label=y) for p, y in paired(paths, labels)], **options)

    @classmethod
    def from_arrays(
        cls, images: Sequence[NDArray[Any]], labels: Sequence[str | None] | None = None, **options: Any
    ) -> Self:
        """Photographs as arrays (gray, RGB or RGBA), kept as lossless PNG so that they are decoded like any file."""
        named = enumerate(paired(images, labels))
        return cls([Capture(f"image {i}", encode_image(x, ".png"), label=y) for i, (x, y) in named], **options)


def decode_capture(capture: Capture) -> ImageSample:
    """The photograph of a capture."""
    return decode(capture.read(), capture.name)


def paired(items: Sequence[Any], labels: Sequence[str | None] | None) -> list[tuple[Any, str | None]]:
    """Each item with its label; `DataError` when they differ in number."""
    if labels is None:
        return [(item, None) for item in items]
    if len(labels) != len(items):
        raise DataError(f"{len(items)} images have {len(labels)} labels; give one label an image.")
    return list(zip(items, labels, strict=True))
