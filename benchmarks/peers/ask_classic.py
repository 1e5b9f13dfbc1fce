"""Measures of the literature, for faults that no tool judges, and beside those that they do.

blur ........... variance of the Laplacian (Pech-Pacheco 2000) at native size; blur_effect (Crete 2007)
noise .......... sigma of Immerkaer 1996; estimate_sigma (Donoho 1994, wavelets), both at native size
compression .... no-reference JPEG quality of Wang 2002 (formula and constants of the paper); grid: steps across
                 the 8 x 8 grid over steps elsewhere; table: quality told by the file's own quantisation table
saturation ..... colourfulness of Hasler 2003       contrast ... RMS; range from the 1st to the 99th percentile
cast ........... grey world: how far the mean colour is from grey (a*b* of CIELAB)
resolution ..... share of the spectrum's energy above a quarter of the sampling rate
information .... entropy of the grey levels         glare ...... share of white pixels
"""

import warnings

import numpy as np
from PIL import Image, ImageOps
from scipy.ndimage import convolve, laplace
from skimage.color import rgb2lab
from skimage.measure import blur_effect, shannon_entropy
from skimage.restoration import estimate_sigma
from speaking import photographs, speak

IMMERKAER = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
LUMINANCE = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
"""Table K.1 of the JPEG standard (ITU-T T.81): what quality 50 means to libjpeg."""


def blur(rgb, grey, picture):
    return {"laplacian": laplace(grey).var(), "blur_effect": 1 - blur_effect(grey)}


def noise(rgb, grey, picture):
    response = np.abs(convolve(grey, IMMERKAER)[1:-1, 1:-1]).mean()
    wavelets = estimate_sigma(rgb.astype(np.float32), average_sigmas=True, channel_axis=-1)
    return {"immerkaer": -np.sqrt(np.pi / 2) / 6 * response, "estimate_sigma": -wavelets}


def compression(rgb, grey, picture):
    return {"wang": wang(grey), "grid": grid(grey), "table": table(picture)}


def wang(grey):
    """No-reference quality of JPEG (Wang, Sheikh, Bovik 2002), about 1 (bad) to 10."""
    found = []
    for plane in (grey, grey.T):
        steps = np.diff(plane, axis=1)
        blocks = np.abs(steps[:, 7::8]).mean()
        activity = (8 * np.abs(steps).mean() - blocks) / 7
        crossings = (steps[:, :-1] * steps[:, 1:] < 0).mean()
        found.append((blocks, activity, crossings))
    b, a, z = (np.mean(values) for values in zip(*found, strict=True))
    return -245.9 + 261.9 * max(b, 1e-6) ** -0.0240 * max(a, 1e-6) ** 0.0160 * max(z, 1e-6) ** 0.0064


def grid(grey):
    """Minus the mean step across the grid over that elsewhere, the worse of rows and columns."""
    ratios = []
    for plane in (grey, grey.T):
        steps = np.abs(np.diff(plane, axis=1)).mean(axis=0)
        across = steps[7::8].mean()
        elsewhere = np.delete(steps, np.s_[7::8]).mean()
        ratios.append((across + 0.1) / (elsewhere + 0.1))
    return -max(ratios)


def table(picture):
    """Quality 1 to 100 that the luminance table stands for, 100 for a file without one."""
    tables = getattr(picture, "quantization", None)
    if not tables:
        return 100.0
    scale = 100 * np.sum(tables[0]) / LUMINANCE.sum()
    return 100 - scale / 2 if scale <= 100 else 5000 / scale


def saturation(rgb, grey, picture):
    red, green, blue = np.moveaxis(rgb.astype(np.float32), -1, 0)
    opponents = red - green, (red + green) / 2 - blue
    spread, mean = (np.hypot(*(of(plane) for plane in opponents)) for of in (np.std, np.mean))
    return {"colourfulness": spread + 0.3 * mean}


def oversaturation(rgb, grey, picture):
    return {"colourfulness": -saturation(rgb, grey, picture)["colourfulness"]}


def contrast(rgb, grey, picture):
    low, high = np.percentile(grey, (1, 99))
    return {"rms": grey.std(), "range": high - low}


def cast(rgb, grey, picture):
    return {"grey_world": -np.hypot(*rgb2lab(rgb.reshape(-1, 1, 3).mean(axis=0, keepdims=True) / 255)[0, 0, 1:])}


def resolution(rgb, grey, picture):
    side = min(512, *grey.shape)
    top, left = ((length - side) // 2 for length in grey.shape)
    window = np.hanning(side)
    power = np.abs(np.fft.fft2(grey[top : top + side, left : left + side] * np.outer(window, window))) ** 2
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side)))
    return {"spectrum": power[frequency > 0.25].sum() / power[frequency > 0.02].sum()}


def light(rgb, grey, picture):
    return {"mean": grey.mean()}


MEASURES = {
    "blur": blur,
    "noise": noise,
    "compression": compression,
    "grayscale": saturation,
    "oversaturation": oversaturation,
    "contrast": contrast,
    "cast": cast,
    "resolution": resolution,
    "dark": light,
    "bright": lambda *given: {"mean": -light(*given)["mean"]},
    "information": lambda rgb, grey, picture: {"entropy": shannon_entropy(grey.astype(np.uint8))},
    "glare": lambda rgb, grey, picture: {"white": -(rgb.min(axis=-1) >= 250).mean()},
}


def scored(path, issues):
    with Image.open(path) as picture:
        rgb = np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))
        grey = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
        found = {issue: measure(rgb, grey, picture) for issue, measure in MEASURES.items() if issue in issues}
    return {f"{issue}/{name}": value for issue, measures in found.items() for name, value in measures.items()}


def ask(folder, wanted):
    warnings.simplefilter("ignore")
    issues = set(wanted.issues or MEASURES)
    return {path.name: scored(path, issues) for path in photographs(folder)}, [], []


if __name__ == "__main__":
    speak(ask)
