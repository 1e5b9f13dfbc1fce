"""Make the pictures of the documentation: `python scripts/make_pictures.py` writes assets/result.png."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage import data

from multimodal.adapters.machine import settle
from multimodal.bootstrap import App, bootstrap
from multimodal.domain.image.degradations import defocus_blur, expose, motion_blur
from multimodal.domain.image.image_utils import encode_image, save_image
from multimodal.domain.shared.results import CANNOT_TELL, Assessment
from multimodal.domain.shared.sample import Capture

ASSETS = Path(__file__).parents[1] / "assets"
WIDTH, GAP, LINES = 330, 12, 62
COLOURS = {"good": (20, 120, 60), "bad": (180, 40, 30), CANNOT_TELL: (110, 110, 110)}


def photographs() -> dict[str, np.ndarray]:
    """One photograph, good and spoiled in several ways."""
    photo = data.chelsea()
    return {
        "as it is": photo,
        "moved": motion_blur(photo, 14, 20),
        "out of focus": defocus_blur(photo, 9),
        "under-exposed": expose(photo, -3.5),
    }


def panel(app: App, name: str, pixels: np.ndarray) -> Image.Image:
    """A photograph above its evidence, with what the deciding pipelines say."""
    capture = Capture(name, encode_image(pixels, ".png"))
    assessment, evidence = app.assessor.assess_with_evidence(capture)
    deciding = [p for p in assessment.predictions if p.decides]
    worst = min(deciding, key=lambda p: p.score).pipeline
    height = round(WIDTH * pixels.shape[0] / pixels.shape[1])
    picture = Image.new("RGB", (WIDTH, 2 * height + GAP + LINES), "white")
    shown = cv2.cvtColor(cv2.imdecode(np.frombuffer(evidence[worst], np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
    for row, image in enumerate((pixels, shown)):
        scaled = cv2.resize(image, (WIDTH, height), interpolation=cv2.INTER_AREA)
        picture.paste(Image.fromarray(scaled), (0, row * (height + GAP // 2)))
    write(picture, 2 * height + GAP, name, assessment)
    return picture


def write(picture: Image.Image, top: int, name: str, assessment: Assessment) -> None:
    """Name, verdict and the answers below the pictures."""
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(17)
    draw.text((2, top), f"{name}: {assessment.verdict}", COLOURS[assessment.verdict], font)
    for line, p in enumerate(p for p in assessment.predictions if p.decides):
        kind = f" ({p.details['kind']})" if p.details else ""
        text = f"{p.property.partition('/')[2]}: {p.label.replace('_', '-')}{kind}, score {p.score:.2f}"
        draw.text((2, top + 21 * (line + 1)), text, (60, 60, 60), ImageFont.load_default(14))


def main() -> None:
    """Write the pictures."""
    settle()
    app = bootstrap()
    panels = [panel(app, name, pixels) for name, pixels in photographs().items()]
    sheet = Image.new("RGB", (len(panels) * (WIDTH + GAP) - GAP, panels[0].height), "white")
    for column, image in enumerate(panels):
        sheet.paste(image, (column * (WIDTH + GAP), 0))
    save_image(np.asarray(sheet), ASSETS / "result.png")


if __name__ == "__main__":
    main()
