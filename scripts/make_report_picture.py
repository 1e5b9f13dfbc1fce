"""Make assets/report.png: a report of photographs, good and spoiled, as a browser shows it.

`nox -s browser` makes the environment that has Playwright: `.nox/browser/bin/python scripts/make_report_picture.py`.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright
from skimage import data

from multimodal.domain.image.degradations import defocus_blur, expose, motion_blur
from multimodal.domain.image.image_utils import save_image

ASSET = Path(__file__).parents[1] / "assets" / "report.png"
NAMES = ("astronaut", "chelsea", "coffee", "rocket")
FAULTS = {5: lambda p: defocus_blur(p, 6), 6: lambda p: motion_blur(p, 14, 25), 7: lambda p: expose(p, -3.5)}
SIZE = {"width": 1180, "height": 1500}


def photographs(folder: Path) -> None:
    """Eight parts of each photograph, three of them spoiled, one copied, and a file that is broken."""
    rng = np.random.default_rng(3)
    for name in NAMES:
        photo = getattr(data, name)()[..., :3]
        height, width = photo.shape[:2]
        (folder / name).mkdir(parents=True)
        for number in range(8):
            top, left = rng.integers(0, height // 4), rng.integers(0, width // 4)
            part = np.ascontiguousarray(photo[top : top + height * 3 // 4, left : left + width * 3 // 4])
            save_image(FAULTS.get(number, lambda p: p)(part), folder / name / f"IMG_{number:04}.jpg")
    shutil.copy(folder / "coffee" / "IMG_0001.jpg", folder / "copy of coffee.jpg")
    (folder / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")


def screenshot(page: Path) -> bytes:
    """The upper part of the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        tab = browser.new_page(viewport=SIZE)
        tab.goto(page.as_uri())
        return tab.screenshot()


def main() -> None:
    """Write the picture, in few colours so that it stays small."""
    with TemporaryDirectory() as place:
        photographs(Path(place) / "photos")
        command = [
            sys.executable,
            "-m",
            "multimodal",
            "assess",
            "photos",
            "--report",
            "report.html",
            "--fail-on",
            "never",
        ]
        subprocess.run(command, cwd=place, stdout=subprocess.DEVNULL, check=True)
        shot = Image.open(io.BytesIO(screenshot(Path(place) / "report.html"))).convert("RGB")
    shot.quantize(200, dither=Image.Dither.NONE).save(ASSET, optimize=True)


if __name__ == "__main__":
    main()
