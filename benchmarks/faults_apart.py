"""Faults of photographs, made by other code than the package's; by the properties' own degradations where none is here.

    Fault .......... what spoils: by whose code, at which strengths, before the camera or after it
    made_here ...... defocus, motion, exposure, noise, compression and enlargement by Pillow, OpenCV and NumPy
    own_faults ..... all others, as the properties say of themselves

Defocus, motion and exposure happen in the light, before the camera (lens, noise, sharpening and JPEG follow), or to the
finished photograph; all others to the finished photograph. It is then written as its camera would have, so that
neither size nor compression tells of the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageEnhance, ImageFilter
from scenes_apart import Rng, Scene, developed, jpeg, light, opened, photo, saved, taken

from multimodal.domain.image.light import Pixels, linear_to_srgb, linearise
from multimodal.domain.image.optics import arc, convolve, disk_kernel, path_kernel
from multimodal.domain.shared.modality import Property

LEVELS = 5


@dataclass(frozen=True)
class Fault:
    """One way of spoiling.

    name: what is wrong (defocus). maker: by which code. property, label: who should say so, and what. strengths:
    weakest first. make: (scene, take, strength, generator) to a file. anywhere: also where nothing has texture.
    module: of the package, whose code spoils; empty for the code of this file.
    """

    name: str
    maker: str
    property: str
    label: str
    strengths: tuple[float, ...]
    make: Callable[[Scene, int, float, Rng], bytes]
    traceless: bool = False
    suffix: str = ".jpg"
    anywhere: bool = False
    module: str = ""


Change = Callable[[Pixels, float, Rng], Pixels]


def in_light(blur: Callable[[float, Rng], np.ndarray]) -> Callable[[Scene, int, float, Rng], bytes]:
    """Blurred before the camera; strength in pixels at a long side of 1024."""

    def make(scene: Scene, take: int, strength: float, rng: Rng) -> bytes:
        seen = convolve(light(scene), blur(strength * scene.unit(), rng))
        return developed(scene, take, False, taken(scene, take, False, seen))

    return make


def exposed(scene: Scene, take: int, strength: float, rng: Rng) -> bytes:
    """Strength in stops beyond the line from which a viewer calls this scene dark (negative) or bright."""
    dark, bright = scene.slot.limits
    stops = (dark if strength < 0 else bright) + strength
    return developed(scene, take, False, taken(scene, take, False, light(scene) * np.float32(2.0**stops)))


def afterwards(change: Change, traceless: bool = False) -> Callable[[Scene, int, float, Rng], bytes]:
    """The finished photograph is changed, then written as the camera would have."""

    def make(scene: Scene, take: int, strength: float, rng: Rng) -> bytes:
        return developed(scene, take, traceless, change(photo(scene, take, traceless), strength, rng))

    return make


def as_file(write: Callable[[Pixels, float, Rng], bytes]) -> Callable[[Scene, int, float, Rng], bytes]:
    """The finished photograph is written in a way of its own."""

    def make(scene: Scene, take: int, strength: float, rng: Rng) -> bytes:
        return write(photo(scene, take, True), strength, rng)

    return make


def box(pixels: Pixels, diameter: float, rng: Rng) -> Pixels:
    """Three box blurs by Pillow, as wide as a disk (its variance is d^2 / 16 an axis, that of three boxes r(r+1))."""
    spread = (diameter * max(1.0, max(pixels.shape) / 1024)) ** 2 / 16
    radius = float(np.sqrt(1 + 4 * spread) - 1) / 2
    blurred = Image.fromarray(pixels)
    for _ in range(3):
        blurred = blurred.filter(ImageFilter.BoxBlur(radius))
    return np.asarray(blurred)


def line(pixels: Pixels, length: float, rng: Rng) -> Pixels:
    """A straight motion of the file's own values by OpenCV."""
    side = round(length * max(1.0, max(pixels.shape) / 1024)) // 2 * 2 + 1
    kernel = np.zeros((side, side), np.float32)
    kernel[side // 2] = 1
    turn = cv2.getRotationMatrix2D((side // 2, side // 2), rng.uniform(0, 180), 1)
    kernel = cv2.warpAffine(kernel, turn, (side, side))
    return cv2.filter2D(pixels, -1, kernel / kernel.sum())


def enhanced(pixels: Pixels, factor: float, rng: Rng) -> Pixels:
    return np.asarray(ImageEnhance.Brightness(Image.fromarray(pixels)).enhance(factor))


def gaussian_noise(pixels: Pixels, sigma: float, rng: Rng) -> Pixels:
    noise = cv2.randn(np.empty(pixels.shape, np.float32), (0, 0, 0), (sigma, sigma, sigma))
    return np.rint(np.clip(pixels + noise, 0, 255)).astype(np.uint8)


def chroma_noise(pixels: Pixels, sigma: float, rng: Rng) -> Pixels:
    """Colour blotches two pixels wide and a third of it in the luma, as phones leave behind."""
    planes = [plane.astype(np.float32) for plane in cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb))]
    for number, plane in enumerate(planes):
        grain = rng.standard_normal(plane.shape, np.float32)
        if number:
            grain = cv2.GaussianBlur(grain, (0, 0), 1.0)
            grain /= grain.std()
        plane += grain * (sigma if number else sigma / 3)
    merged = cv2.merge([np.rint(np.clip(plane, 0, 255)).astype(np.uint8) for plane in planes])
    return cv2.cvtColor(merged, cv2.COLOR_YCrCb2RGB)


def high_iso(pixels: Pixels, sigma: float, rng: Rng, smooth: bool = False) -> Pixels:
    """Photon and read-out noise in a mosaic, interpolated bilinearly; sigma in grey levels of the raw at mid-grey.

    0.18 N photons give a relative spread of 1 / sqrt(0.18 N), and 18 % is encoded to 118 with a slope of 304.
    """
    photons = 0.18 * (304 / sigma) ** 2
    raw = linearise(pixels)
    mosaic = np.empty(raw.shape[:2], np.float32)
    for (row, column), channel in (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 2)):
        mosaic[row::2, column::2] = raw[row::2, column::2, channel]
    counted = rng.poisson(mosaic * photons) + rng.normal(0, 2, mosaic.shape)
    digits = np.rint(np.clip(counted / photons, 0, 1) * 65535).astype(np.uint16)
    colours = cv2.cvtColor(digits, cv2.COLOR_BayerRGGB2RGB)
    found = np.rint(linear_to_srgb(colours.astype(np.float32) / 65535) * 255).astype(np.uint8)
    return cv2.fastNlMeansDenoisingColored(found, None, sigma / 3, sigma, 3, 7) if smooth else found


def low_quality(pixels: Pixels, quality: float, rng: Rng) -> bytes:
    return jpeg(pixels, quality, full_colour=bool(rng.uniform() < 0.3))


def saved_again(pixels: Pixels, quality: float, rng: Rng) -> bytes:
    return jpeg(opened(jpeg(pixels, quality)), 95, full_colour=True)


def cropped_again(pixels: Pixels, quality: float, rng: Rng) -> bytes:
    top, left = rng.integers(1, 8, 2)
    return jpeg(opened(jpeg(pixels, quality))[top:, left:], 95, full_colour=True)


def as_png(pixels: Pixels, quality: float, rng: Rng) -> bytes:
    return saved(opened(jpeg(pixels, quality)), "PNG", compress_level=1)


def from_webp(pixels: Pixels, quality: float, rng: Rng) -> bytes:
    return jpeg(opened(saved(pixels, "WEBP", quality=int(quality), method=2)), 95, full_colour=True)


def enlarged(pixels: Pixels, times: float, rng: Rng) -> Pixels:
    way = (Image.Resampling.BICUBIC, Image.Resampling.LANCZOS, Image.Resampling.BILINEAR)[int(rng.integers(3))]
    whole = Image.fromarray(pixels)
    small = whole.resize([max(1, round(length / times)) for length in whole.size], Image.Resampling.LANCZOS)
    return np.asarray(small.resize(whole.size, way))


DISKS, LINES = (4.5, 7.0, 11.0, 18.0, 28.0), (6.5, 10.0, 16.0, 26.0, 42.0)
SIGMAS, QUALITIES = (4.0, 6.0, 9.0, 14.0, 22.0), (45.0, 32.0, 22.0, 14.0, 8.0)
MOVED = in_light(lambda length, rng: path_kernel(arc(length, rng.uniform(0, 180), rng.normal(0, 20))))


@cache
def made_here() -> tuple[Fault, ...]:
    """The faults that other code than the package's makes (or its optics, in light before the camera)."""
    blur, light_, noise = ("blur", "blurred"), "brightness", ("noise", "noisy")
    compressed = partial(Fault, "compression", traceless=True, anywhere=True)
    return (
        Fault("defocus", "lens", *blur, DISKS, in_light(lambda width, rng: disk_kernel(width))),
        Fault("defocus", "Pillow boxes", *blur, DISKS, afterwards(box)),
        Fault("motion", "moved camera", *blur, LINES, MOVED),
        Fault("motion", "OpenCV line", *blur, LINES, afterwards(line)),
        Fault("dark", "exposure", light_, "under_exposed", (-0.3, -0.8, -1.4, -2.0, -3.0), exposed, anywhere=True),
        Fault("dark", "Pillow", light_, "under_exposed", (0.45, 0.35, 0.25, 0.17, 0.1), afterwards(enhanced)),
        Fault("bright", "exposure", light_, "over_exposed", (0.3, 0.7, 1.2, 1.8, 2.8), exposed, anywhere=True),
        Fault("bright", "Pillow", light_, "over_exposed", (1.7, 2.0, 2.5, 3.0, 4.0), afterwards(enhanced)),
        *(
            Fault("noise", maker, *noise, SIGMAS, afterwards(change, True), traceless=True, anywhere=True)
            for maker, change in {
                "Gaussian": gaussian_noise,
                "chroma": chroma_noise,
                "mosaic": high_iso,
                "mosaic, smoothed": partial(high_iso, smooth=True),
            }.items()
        ),
        *(
            compressed(maker, "compression", "compressed", QUALITIES, as_file(write), suffix=suffix)
            for maker, (write, suffix) in {
                "JPEG": (low_quality, ".jpg"),
                "JPEG, then 95": (saved_again, ".jpg"),
                "JPEG, cropped, then 95": (cropped_again, ".jpg"),
                "JPEG, then PNG": (as_png, ".png"),
                "WebP, then 95": (from_webp, ".jpg"),
            }.items()
        ),
        Fault(
            "enlarged", "Pillow", "resolution", "enlarged", (1.6, 2.0, 2.7, 4.0, 6.0), afterwards(enlarged, True), True
        ),
    )


def own_faults(properties: Mapping[str, Property]) -> Iterator[Fault]:
    """What each property says that spoils it, applied to the finished photograph; but not what is made here."""
    here = {(fault.property, fault.label) for fault in made_here()}
    for asked in properties.values():
        for one in asked.degradations:
            if (asked.name, one.label) in here:
                continue
            chosen = np.linspace(0, len(one.strengths) - 1, min(LEVELS, len(one.strengths))).round().astype(int)
            strengths = tuple(one.strengths[i] for i in chosen)
            change = afterwards(one.apply, asked.traces)
            traits = {"traceless": asked.traces, "module": module_of(one.apply)}
            yield Fault(one.label, f"own {one.name}", asked.name, one.label, strengths, change, **traits)


def module_of(function: Any) -> str:
    """The module of what a partial calls."""
    while isinstance(function, partial):
        function = function.func
    return str(function.__module__)
