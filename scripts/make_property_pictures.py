"""Make the picture pairs of docs/properties: `python scripts/make_property_pictures.py [NAME ...]`.

    Example ........ which scene, and what spoils it; a property that is not in EXAMPLES gets the usual one
    pair ........... a good photograph and a spoiled one side by side, one to one, with label and value under each
    main ........... assets/properties/NAME.jpg of the properties named, or of all

Every photograph is a procedural scene that a simulated camera took: no file is needed, and the same picture comes each
time.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from multimodal.adapters.machine import settle
from multimodal.bootstrap import App, bootstrap
from multimodal.domain.image import scenes
from multimodal.domain.image.camera import Camera
from multimodal.domain.image.image_utils import encode_image, save_image
from multimodal.domain.image.light import Pixels
from multimodal.domain.image.spoiling import plain_camera
from multimodal.domain.shared.modality import Degradation, Property
from multimodal.domain.shared.results import Prediction
from multimodal.domain.shared.sample import Capture

PLACE = Path(__file__).parents[1] / "assets" / "properties"
SIZE = (333, 444)
"""Height and width of a photograph, in pixels of the file and of the picture alike."""
GAP, LINES = 12, 46
MOST_BYTES = 60_000
QUALITIES = (80, 70, 60, 50, 40)
GOOD, BAD, GREY = (20, 120, 60), (180, 40, 30), (90, 90, 90)


@dataclass(frozen=True)
class Example:
    """A scene (`scenes.KINDS`) and its seed; a degradation's name and strength (usually the first, and its middle)."""

    scene: str = "portrait"
    seed: int = 2
    degradation: str = ""
    strength: float | None = None

    def fault(self, asked: Property) -> tuple[Degradation, float]:
        """What spoils the scene, and how strongly."""
        named = [each for each in asked.degradations if each.name == self.degradation]
        chosen = (named or [*asked.degradations])[0]
        middle = chosen.strengths[len(chosen.strengths) // 2]
        return chosen, middle if self.strength is None else self.strength


EXAMPLES = {
    "blur": Example("portrait", 2, "defocus", 9.0),
    "borders": Example("land", 5, "letterbox", 29.0),
    "brightness": Example("room", 3, "under_exposure", -3.0),
    "colour_cast": Example("portrait", 4, "warm_cast", 26.0),
    "compression": Example("portrait", 2, "jpeg", 90.0),
    "contrast": Example("facade", 3, "haze", 0.62),
    "glare": Example("facade", 5, "flare", 4.0),
    "information": Example("facade", 5, "lens_cap", 12.0),
    "resolution": Example("leaves", 2, "enlargement", 3.2),
    "saturation": Example("leaves", 2, "exaggeration", 5.0),
    "size": Example("leaves", 6, "shrunk", 3.6),
}


def pair(name: str, app: App) -> Pixels:
    """The picture of a property, uint8 RGB (379, 900, 3)."""
    asked, example = app.catalog.properties[f"image/{name}"], EXAMPLES.get(name, Example())
    fault, strength = example.fault(asked)
    sound = photograph(example)
    spoiled = np.asarray(fault.apply(sound, strength, np.random.default_rng(example.seed)), np.uint8)
    sheet = Image.new("RGB", (2 * SIZE[1] + GAP, SIZE[0] + LINES), "white")
    told = f"{fault.name.replace('_', ' ')}: {strength:g} {fault.unit}"
    for column, (pixels, made) in enumerate(((sound, f"a scene: {example.scene}"), (spoiled, told))):
        sheet.paste(panel(pixels, answer(pixels, name, app), made), (column * (SIZE[1] + GAP), 0))
    return np.asarray(sheet, np.uint8)


def photograph(example: Example) -> Pixels:
    """The scene as a good camera takes it."""
    rng = np.random.default_rng(example.seed)
    camera: Camera = plain_camera(rng)
    return camera.photograph(scenes.draw(example.scene, example.seed, SIZE), rng)


def answer(pixels: Pixels, name: str, app: App) -> Prediction:
    """What the property's deciding pipeline says, or another one while that is not trained."""
    recipes = [recipe for recipe in app.catalog.recipes.values() if recipe.property == f"image/{name}"]
    ordered = [recipe.name for recipe in sorted(recipes, key=lambda recipe: not recipe.decides)]
    ready = next(pipeline for pipeline in ordered if app.assessor.pipeline(pipeline) is not None)
    assessment = app.assessor.assess(Capture(name, encode_image(pixels, ".png")), pipelines=[ready])
    return assessment.predictions[0]


def panel(pixels: Pixels, said: Prediction, made: str) -> Image.Image:
    """A photograph over its caption; one of another size is centred, and made smaller where it is too large."""
    picture, shown = Image.new("RGB", (SIZE[1], SIZE[0] + LINES), "white"), Image.fromarray(pixels)
    shown.thumbnail(SIZE[::-1])
    picture.paste(shown, ((SIZE[1] - shown.width) // 2, (SIZE[0] - shown.height) // 2))
    draw, colour = ImageDraw.Draw(picture), {True: GOOD, False: BAD}.get(said.accepted, GREY)
    value = "" if said.value is None else f", {said.value:.3g} {said.unit}"
    draw.text((2, SIZE[0] + 3), f"{said.label.replace('_', ' ')}{value}", colour, ImageFont.load_default(18))
    draw.text((2, SIZE[0] + 25), made, GREY, ImageFont.load_default(14))
    return picture


def write(picture: Pixels, path: Path) -> None:
    """Save as JPEG, at the best quality that keeps the file small."""
    quality = next((q for q in QUALITIES if len(encode_image(picture, ".jpg", q)) <= MOST_BYTES), QUALITIES[-1])
    save_image(picture, path, quality)


def main(names: Sequence[str]) -> None:
    """Write the pictures."""
    settle()
    app = bootstrap()
    known = [full.partition("/")[2] for full in app.catalog.properties if full.startswith("image/")]
    for name in names or known:
        write(pair(name, app), PLACE / f"{name}.jpg")


if __name__ == "__main__":
    main(sys.argv[1:])
