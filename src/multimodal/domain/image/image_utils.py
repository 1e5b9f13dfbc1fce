"""Pictures as arrays: load, save, convert, resize, show.

    load_image, save_image .................. files; saving is atomic
    numpy2pil, pil2numpy .................... arrays and Pillow's images
    change_image_channels ................... gray, RGB, RGBA, BGR
    resize_image ............................ to a size, or a longest or shortest side
    base64_to_image, image_to_base64 ........ text
    resize_images_in_folder ................. all pictures of a folder, with a report
    show_progress ........................... a progress bar for it
    display_image ........................... in a notebook or a window

Pictures are uint8 arrays (height, width) or (height, width, channels), upright, RGB unless said otherwise.
"""

from __future__ import annotations

import base64
import io
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ..shared.base64_text import decode_base64
from ..shared.errors import CaptureError, DataError, UnknownName, UnsupportedFormat
from ..shared.ports import Progress, silent
from ..shared.sample import read_file
from .decoders import array_of
from .formats import SUFFIXES
from .raster import Pixels, eight_bit, to_rgb
from .sample import DEFAULT_LIMITS, decode_pixels

if TYPE_CHECKING:
    from PIL import Image

CHANNELS = ("gray", "rgb", "rgba", "bgr")
WRITABLE = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
WRITABLE |= {".tif": "TIFF", ".tiff": "TIFF", ".bmp": "BMP", ".avif": "AVIF"}
"""Formats by suffix that can be written."""


# --- files -----------------------------------------------------------------------------------------------------------


def load_image(path: str | Path) -> Pixels:
    """All native pixels of a picture file, uint8 RGB (h, w, 3), upright; a `CaptureError` when that is impossible."""
    return decode_pixels(read_file(Path(path), DEFAULT_LIMITS.bytes))


def save_image(image: NDArray[Any], path: str | Path, quality: int = 95) -> Path:
    """Write a picture; its format follows the suffix. Readers see the old file or the whole new one, never a part."""
    target = Path(path)
    data = encode_image(image, target.suffix, quality)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
    try:
        part.write_bytes(data)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target


def encode_image(image: NDArray[Any], suffix: str = ".png", quality: int = 95) -> bytes:
    """A picture as the bytes of a file; transparency is laid over white where the format has none."""
    if suffix.lower() not in WRITABLE:
        raise UnsupportedFormat(f"No picture is written as {suffix!r}. Choose one of {', '.join(sorted(WRITABLE))}.")
    kind = WRITABLE[suffix.lower()]
    pixels = eight_bit(image)
    has_alpha = pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    buffer = io.BytesIO()
    numpy2pil(to_rgb(pixels) if has_alpha and kind in ("JPEG", "BMP") else pixels).save(buffer, kind, quality=quality)
    return buffer.getvalue()


# --- conversions -----------------------------------------------------------------------------------------------------


def numpy2pil(image: NDArray[Any]) -> Image.Image:
    """A Pillow image of an array: gray, gray with alpha, RGB or RGBA by its channels."""
    from PIL import Image

    pixels = eight_bit(image)
    return Image.fromarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)


def pil2numpy(image: Image.Image) -> Pixels:
    """A new uint8 array of a Pillow image: (h, w) gray, else (h, w, 2 to 4)."""
    return np.array(eight_bit(array_of(image)), np.uint8)


def change_image_channels(image: NDArray[Any], to: str, source: str = "rgb") -> Pixels:
    """The picture as `gray` (h, w), `rgb`, `rgba` or `bgr`.

    What comes in is told by its shape; `source` says whether three channels are `rgb` or `bgr`. Transparency is laid
    over white; a new alpha is opaque.

    >>> change_image_channels(np.zeros((2, 3, 3), np.uint8), "gray").shape
    (2, 3)
    """
    for name in (to, source):
        if name not in CHANNELS:
            raise UnknownName("order of channels", name, CHANNELS)
    if to == "rgba" and image.ndim == 3 and image.shape[2] == 4:
        return eight_bit(image).copy()
    rgb = to_rgb(image)
    if source == "bgr" and image.ndim == 3 and image.shape[2] == 3:
        rgb = _converted(rgb, cv2.COLOR_BGR2RGB)
    code = {"gray": cv2.COLOR_RGB2GRAY, "rgba": cv2.COLOR_RGB2RGBA, "bgr": cv2.COLOR_RGB2BGR}.get(to)
    return rgb.copy() if code is None else _converted(rgb, code)


def _converted(pixels: Pixels, code: int) -> Pixels:
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)


# --- size ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """A size to reach: exactly one of `size` (width, height), `longest` and `shortest` side, in pixels.

    With `size` the picture is as large as fits inside, or stretched when `keep_aspect` is false.

    >>> Fit(longest=100).of((400, 200)), Fit(size=(100, 100)).of((400, 200))
    ((100, 50), (100, 50))
    """

    size: tuple[int, int] | None = None
    longest: int | None = None
    shortest: int | None = None
    keep_aspect: bool = True

    def __post_init__(self) -> None:
        given = [value for value in (self.size, self.longest, self.shortest) if value is not None]
        if len(given) != 1 or np.min(given) < 1:
            raise ValueError("Give one of size=(width, height), longest and shortest, in pixels from 1 on.")

    def of(self, size: tuple[int, int]) -> tuple[int, int]:
        """The (width, height) that a picture of this size gets."""
        if self.size is not None and not self.keep_aspect:
            return self.size
        factor = self._factor(*size)
        return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))

    def _factor(self, width: int, height: int) -> float:
        if self.size is not None:
            return min(self.size[0] / width, self.size[1] / height)
        if self.longest is not None:
            return self.longest / max(width, height)
        return (self.shortest or 1) / min(width, height)


def resize_image(
    image: NDArray[Any],
    size: tuple[int, int] | None = None,
    *,
    longest: int | None = None,
    shortest: int | None = None,
    keep_aspect: bool = True,
) -> NDArray[Any]:
    """The picture at another size (see `Fit`), of the same type: averaged when it shrinks, bicubic when it grows."""
    return fit_image(image, Fit(size, longest, shortest, keep_aspect))


def fit_image(image: NDArray[Any], fit: Fit) -> NDArray[Any]:
    """The picture at the size that the fit says; the same array when it has it already."""
    height, width = image.shape[:2]
    size = fit.of((width, height))
    if size == (width, height):
        return image
    way = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(image, size, interpolation=way))
    return resized.reshape(*resized.shape[:2], *image.shape[2:])


# --- text ------------------------------------------------------------------------------------------------------------


def base64_to_image(text: str) -> Pixels:
    """All native pixels of a picture file in base64; `BadEncoding` or another `CaptureError`."""
    return decode_pixels(decode_base64(text))


def image_to_base64(image: NDArray[Any], suffix: str = ".png", *, quality: int = 95, data_url: bool = False) -> str:
    """A picture as base64 of a file in the suffix's format, as a data URL when asked for."""
    text = base64.b64encode(encode_image(image, suffix, quality)).decode("ascii")
    return f"data:image/{WRITABLE[suffix.lower()].lower()};base64,{text}" if data_url else text


# --- folders ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ResizeReport:
    """What was written, and which files failed with the reason; names are relative to the folder."""

    done: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


def resize_images_in_folder(
    source: str | Path, target: str | Path, fit: Fit, *, quality: int = 95, progress: Progress = silent
) -> ResizeReport:
    """Resize all pictures below a folder into another one; a broken file is reported and never stops the rest.

    Names are kept, but for formats that cannot be written: those become `.jpg`.
    """
    here, there = Path(source), Path(target)
    if not here.is_dir() or here.resolve() == there.resolve():
        raise DataError("Pictures are resized from one existing folder into another one.")
    files = sorted(path for path in here.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    done, failed = [], []
    for count, path in enumerate(files, start=1):
        name = path.relative_to(here)
        try:
            save_image(fit_image(load_image(path), fit), _writable(there / name), quality)
            done.append(name.as_posix())
        except (CaptureError, OSError, cv2.error) as error:
            failed.append((name.as_posix(), _reason(error)))
        progress("resize", count, len(files))
    return ResizeReport(tuple(done), tuple(failed))


def _writable(path: Path) -> Path:
    return path if path.suffix.lower() in WRITABLE else path.with_suffix(".jpg")


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, CaptureError) else "It cannot be resized or written."


@contextmanager
def show_progress() -> Iterator[Progress]:
    """A progress bar on the terminal, for `with`; none when there is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    with Bar("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as bar:
        tasks: dict[str, Any] = {}

        def update(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield update


def display_image(image: NDArray[Any]) -> None:
    """Show a picture: below the cell in a notebook, in a window elsewhere."""
    picture = numpy2pil(image)
    notebook = sys.modules.get("IPython")
    if notebook is not None and notebook.get_ipython() is not None:
        notebook.display.display(picture)
    else:
        picture.show()
