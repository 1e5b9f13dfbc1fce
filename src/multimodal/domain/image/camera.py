"""A camera: from the light of a scene to the photograph that a phone or camera would write.

    Lens ........ softness, lateral colour fringes, vignetting, veiling glare
    Sensor ...... Bayer mosaic, photons and read-out noise, demosaicing, white balance
    Finish ...... tone curve, colour, noise reduction, sharpening, JPEG: what a maker likes
    Camera ...... the three together; `Camera.random` draws one as they are met in the wild

A perfectly sharp scene never becomes a pixel-sharp photograph, and a blurred one is sharpened and compressed like any
other: a model that learns from these photographs cannot take the camera's own traces for the answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import cv2
import numpy as np
import numpy.typing as npt

from .light import Light, Pixels, linear_to_srgb, roll_off, sensor_noise

Rng = np.random.Generator

BAYER = ((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 2))
"""Row, column and channel of each pixel in a cell of the RGGB mosaic."""


@dataclass(frozen=True)
class Lens:
    """What the light goes through.

    softness: sigma of the point spread in sensor pixels. fringe: how much larger red is imaged than blue, share.
    vignetting: light lost in the corners, share. glare: share of the light that is spread over the whole picture.
    """

    softness: float = 0.5
    fringe: float = 0.0
    vignetting: float = 0.0
    glare: float = 0.0

    @classmethod
    def random(cls, rng: Rng) -> Self:
        """A lens as they come: most good, a few poor."""
        fringe = rng.normal(0, 0.0006) * (rng.uniform() < 0.6)
        hazy = rng.uniform(0.03, 0.3) if rng.uniform() < 0.2 else rng.uniform(0, 0.02)
        return cls(rng.uniform(0.3, 0.85), fringe, rng.uniform(0, 0.35), hazy)

    def image(self, light: Light) -> Light:
        """The light that reaches the sensor."""
        if self.fringe:
            light = _fringed(light, self.fringe)
        if self.softness > 0:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), self.softness), np.float32)
        light = light * _falloff(light.shape, self.vignetting)
        return np.asarray(light * (1 - self.glare) + light[::16, ::16].mean(axis=(0, 1)) * self.glare, np.float32)


@dataclass(frozen=True)
class Sensor:
    """What counts the light.

    photons: electrons at white (a phone by day 5,000, by night 350). read: read-out noise in electrons.
    mosaic: one colour a pixel (Bayer), as in nearly every camera. balance: gains of red and blue over green.
    headroom: how far above white it still counts (a phone that merges exposures: 2); the finish rolls that off.
    """

    photons: float = 3000.0
    read: float = 3.0
    mosaic: bool = True
    balance: tuple[float, float] = (1.9, 1.6)
    headroom: float = 1.0

    @classmethod
    def random(cls, rng: Rng) -> Self:
        """From a large sensor in the sun to a phone in the evening."""
        photons = float(np.exp(rng.uniform(np.log(350), np.log(40000))))
        balance = rng.uniform(1.5, 2.3), rng.uniform(1.3, 2.1)
        headroom = rng.uniform(1.2, 2) if rng.uniform() < 0.5 else 1.0
        return cls(photons, rng.uniform(1, 3.5), bool(rng.uniform() < 0.85), balance, headroom)

    def expose(self, light: Light, rng: Rng) -> Light:
        """The picture as counted and interpolated, with noise; what passes the headroom is lost."""
        gains = np.array([self.balance[0], 1.0, self.balance[1]], np.float32)
        return self._interpolated(light, gains, rng) if self.mosaic else self._full(light, gains, rng)

    def _full(self, light: Light, gains: npt.NDArray[Any], rng: Rng) -> Light:
        counted = self._counted(np.asarray(light / gains, np.float32), rng)
        return np.asarray(np.clip(counted * gains, 0, self.headroom), np.float32)

    def _interpolated(self, light: Light, gains: npt.NDArray[Any], rng: Rng) -> Light:
        even = cv2.copyMakeBorder(light, 2, 2 + light.shape[0] % 2, 2, 2 + light.shape[1] % 2, cv2.BORDER_REFLECT_101)
        raw = np.empty(even.shape[:2], np.float32)
        for row, column, channel in BAYER:
            raw[row::2, column::2] = even[row::2, column::2, channel] / gains[channel]
        counted = self._counted(raw, rng)
        for row, column, channel in BAYER:
            counted[row::2, column::2] *= gains[channel]
        digits = np.rint(np.clip(counted / self.headroom, 0, 1) * 65535).astype(np.uint16)
        colours = cv2.demosaicing(digits, cv2.COLOR_BayerRGGB2RGB_EA)[2:, 2:][: light.shape[0], : light.shape[1]]
        return np.asarray(colours, np.float32) * np.float32(self.headroom / 65535)

    def _counted(self, raw: Light, rng: Rng) -> Light:
        return sensor_noise(np.minimum(raw, self.headroom), 1 / self.photons, self.read / self.photons, rng)


@dataclass(frozen=True)
class Finish:
    """What the maker does to a picture before it is written.

    contrast: how steep the S of the tone curve is, 0 none. saturation: 1 as it is. denoise: range of the bilateral
    filter in grey levels, 0 none. sharpen: amount of the unsharp mask, 0 none; radius: its sigma in pixels.
    quality: of the JPEG. full_colour: no chroma subsampling.
    """

    contrast: float = 0.2
    saturation: float = 1.1
    denoise: float = 0.0
    sharpen: float = 0.4
    radius: float = 0.9
    quality: int = 90
    full_colour: bool = False

    @classmethod
    def random(cls, rng: Rng) -> Self:
        """From a neutral raw converter to an eager phone and a messenger's compression."""
        denoise = rng.uniform(4, 30) if rng.uniform() < 0.45 else 0.0
        sharpen = rng.uniform(0.1, 1.5) if rng.uniform() < 0.7 else 0.0
        quality = int(rng.integers(82, 98)) if rng.uniform() < 0.7 else int(rng.integers(35, 82))
        contrast, saturation = rng.uniform(0, 0.6), rng.uniform(0.7, 1.35) * (rng.uniform() > 0.06)
        radius, full_colour = rng.uniform(0.5, 1.6), bool(rng.uniform() < 0.25)
        return cls(contrast, saturation, denoise, sharpen, radius, quality, full_colour)

    def tones(self, light: Light, headroom: float = 1.0) -> Pixels:
        """Linear light 0..headroom to 8-bit sRGB along the tone curve."""
        value = linear_to_srgb(roll_off(np.linspace(0, headroom, 65536, dtype=np.float32), headroom))
        curve = value + self.contrast * (value * value * (3 - 2 * value) - value)
        table = np.rint(np.clip(curve, 0, 1) * 255).astype(np.uint8)
        return np.asarray(table[np.rint(np.clip(light / headroom, 0, 1) * 65535).astype(np.uint16)])

    def retouch(self, pixels: Pixels) -> Pixels:
        """Colour, noise reduction and sharpening, in the order in which cameras apply them."""
        if self.saturation != 1:
            pixels = _saturated(pixels, self.saturation)
        if self.denoise > 0:
            pixels = _denoised(pixels, self.denoise)
        return sharpened(pixels, self.sharpen, self.radius)


@dataclass(frozen=True)
class Camera:
    """Lens, sensor and finish.

    >>> photo = Camera().photograph(np.full((6, 8, 3), 0.18, np.float32), np.random.default_rng(0))
    >>> photo.shape, photo.dtype.name
    ((6, 8, 3), 'uint8')
    """

    lens: Lens = field(default_factory=Lens)
    sensor: Sensor = field(default_factory=Sensor)
    finish: Finish = field(default_factory=Finish)

    @classmethod
    def random(cls, rng: Rng) -> Self:
        """A camera as they are met in the wild: one that counts few photons smooths more and sharpens less."""
        lens, sensor, finish = Lens.random(rng), Sensor.random(rng), Finish.random(rng)
        if sensor.photons < 1500:
            denoise = rng.uniform(10, 35) if rng.uniform() < 0.7 else finish.denoise
            finish = replace(finish, sharpen=min(finish.sharpen, 0.6), denoise=denoise)
        return cls(lens, sensor, finish)

    def photograph(self, light: Light, rng: Rng) -> Pixels:
        """The photograph of this light at the sensor's size, before it is resized or written to a file."""
        counted = self.sensor.expose(self.lens.image(light), rng)
        return self.finish.retouch(self.finish.tones(counted, self.sensor.headroom))

    def rephotograph(self, light: Light, rng: Rng) -> Pixels:
        """A copy of a photograph whose light was changed: lens, mosaic and tones are in it; noise and finish follow."""
        sensor = replace(self.sensor, mosaic=False, headroom=1.0, photons=max(self.sensor.photons, 600))
        finish = replace(self.finish, contrast=0.0, saturation=1.0, sharpen=self.finish.sharpen / 2)
        return finish.retouch(finish.tones(sensor.expose(light, rng)))


def sharpened(pixels: Pixels, amount: float, radius: float) -> Pixels:
    """Unsharp mask: adds ``amount`` times what a Gaussian of sigma ``radius`` pixels takes away."""
    if amount <= 0:
        return pixels
    return np.asarray(
        cv2.addWeighted(pixels, 1 + amount, cv2.GaussianBlur(pixels, (0, 0), radius), -amount, 0), np.uint8
    )


def _fringed(light: Light, share: float) -> Light:
    """Red imaged larger and blue smaller than green, about the centre."""
    height, width = light.shape[:2]
    planes = list(cv2.split(light))
    for channel, scale in ((0, 1 + share), (2, 1 - share)):
        matrix = np.array([[scale, 0, (1 - scale) * width / 2], [0, scale, (1 - scale) * height / 2]])
        warped = cv2.warpAffine(planes[channel], matrix, (width, height), borderMode=cv2.BORDER_REFLECT_101)
        planes[channel] = np.asarray(warped)
    return np.asarray(cv2.merge(planes), np.float32)


def _falloff(shape: tuple[int, ...], loss: float) -> Light:
    """Light over the picture: 1 in the middle, ``loss`` less in the corners."""
    rows, columns = (np.linspace(-1, 1, length, dtype=np.float32) ** 2 for length in shape[:2])
    return np.asarray(1 - np.float32(loss / 2) * (rows[:, None] + columns[None, :]), np.float32)[..., None]


def _saturated(pixels: Pixels, saturation: float) -> Pixels:
    grey = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    return np.asarray(cv2.addWeighted(pixels, saturation, grey, 1 - saturation, 0), np.uint8)


def _denoised(pixels: Pixels, strength: float) -> Pixels:
    """Edges kept in the luma (bilateral), colours smoothed more than that, as in phones."""
    luma, red, blue = cv2.split(cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb))
    luma = cv2.bilateralFilter(luma, 5, strength, 1.5)
    smooth = [cv2.blur(plane, (5, 5)) for plane in (red, blue)]
    return np.asarray(cv2.cvtColor(cv2.merge([luma, *smooth]), cv2.COLOR_YCrCb2RGB), np.uint8)
