"""Collections for reports: documents of pictures that nobody has taken, with two properties, of any number."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from multimodal.domain.shared.adjusting import Threshold
from multimodal.domain.shared.collection import Burst, Collection, Gathered, Likeness, Oddity, collection_of
from multimodal.domain.shared.showcase import Answers, Picture, Showcase, columns_of, issues_of, wanted
from multimodal.domain.shared.thumbnails import to_webp

NOISE = Threshold("noise_rule", "image/noise", "threshold", 6.0, "grey levels", "noise", "above", "recipe")
SCORES = tuple(
    Threshold("blur_network", "image/blur", name, value, "", "score", "below", "trained")
    for name, value in (("reject", 0.4), ("accept", 0.6))
)
LABELS = {"noise_rule": ("noisy", "clean", "cannot_tell"), "blur_network": ("blurred", "sharp", "cannot_tell")}
BROKEN = 17
"""Every so many captures one is broken."""


def prediction(pipeline: str, score: float, value: float | None) -> dict[str, Any]:
    """An answer as a document has it; between 0.4 and 0.6 the network cannot tell."""
    bad, good, unsure = LABELS[pipeline]
    undecided = pipeline == "blur_network" and 0.4 < score < 0.6
    return {
        "pipeline": pipeline,
        "property": f"image/{pipeline.partition('_')[0]}",
        "model": f"{pipeline}@1",
        "label": unsure if undecided else good if score >= 0.5 else bad,
        "accepted": None if undecided else score >= 0.5,
        "score": round(score, 6),
        "probabilities": {bad: 1 - score, good: score},
        "value": value,
        "unit": "grey levels" if pipeline == "noise_rule" else "",
        "reason": "",
        "measures": {},
        "details": {},
        "decides": True,
    }


def document(number: int, name: str, rng: np.random.Generator) -> dict[str, Any]:
    """One assessment."""
    noise, sharp = float(np.round(rng.lognormal(0.9, 0.6), 4)), float(rng.beta(3, 0.8))
    broken = number % BROKEN == BROKEN - 1
    answers = [prediction("noise_rule", 1 / (1 + (noise / 6) ** 4), noise), prediction("blur_network", sharp, None)]
    accepted = [answer["accepted"] for answer in answers]
    verdict = "failed" if broken else "bad" if False in accepted else "good" if True in accepted else "cannot_tell"
    failure = {"where": "decode", "code": "broken-capture", "message": f"{name} is damaged."}
    return {
        "id": f"{number:032x}",
        "name": name,
        "modality": "image",
        "digest": f"{number:064x}",
        "info": {} if broken else {"width": 640 + 8 * (number % 3), "height": 480, "format": "jpeg"},
        "predictions": [] if broken else answers,
        "failures": [failure] if broken else [],
        "created": "2026-11-01T12:00:00Z",
        "verdict": verdict,
    }


def gathered_of(names: list[str], seed: int = 0) -> Gathered:
    """Captures with these names."""
    rng, gathered = np.random.default_rng(seed), Gathered()
    for number, name in enumerate(names):
        gathered.add(document(number, name, rng))
    return gathered


def found_in(gathered: Gathered) -> Collection:
    """A collection with something of each kind, where there are captures enough."""
    good = [i for i, verdict in enumerate(gathered.verdicts) if verdict != "failed"]
    plain = collection_of(gathered)
    if len(good) < 12:
        return plain
    low = Oddity(good[9], "size", 64.0, "px", 480.0, 700.0, "Its short side is 64 px; 480 to 700 px are usual.")
    far = Oddity(good[10], "noise_rule", 31.0, "grey levels", 0.5, 9.0, "noise 31 grey levels; 0.5 to 9 are usual.")
    return Collection(
        gathered,
        copies=(Likeness(tuple(good[:2]), 0), Likeness(tuple(good[2:11]), 0)),
        similar=(Likeness(tuple(good[3:5]), 4),),
        bursts=(Burst(tuple(good[5:8]), good[6], "the sharpest of 3 shots within 2 seconds"),),
        odd=(low,),
        outliers=(far,),
        broken=plain.broken,
    )


def answers_in(gathered: Gathered) -> Iterator[Answers]:
    """The columns of both pipelines."""
    thresholds = {"noise_rule": (NOISE,), "blur_network": SCORES}
    for pipeline, labels in LABELS.items():
        label, score, value = columns_of(gathered, pipeline, labels)
        yield Answers(
            pipeline=pipeline,
            model=f"{pipeline}@1",
            title=pipeline.partition("_")[0],
            summary=f"Is it {labels[1]}?",
            unit="grey levels" if pipeline == "noise_rule" else "",
            labels=labels,
            accepted=(False, True, None),
            thresholds=thresholds[pipeline],
            label=label,
            score=score,
            value=value,
        )


def picture(number: int) -> np.ndarray:
    """A picture with some structure and a colour of its own."""
    rng = np.random.default_rng(number)
    small = rng.integers(60, 220, (6, 8, 3), dtype=np.uint8)
    return small.repeat(40, axis=0).repeat(40, axis=1)


def pictures_for(needed: Mapping[int, set[str]]) -> dict[int, Picture]:
    """Pictures of captures, and for those pipelines where it is seen."""
    made = {}
    for position, pipelines in needed.items():
        photo = to_webp(picture(position), side=320, most=14_000)
        where = to_webp(255 - picture(position), side=320, most=14_000)
        captions = dict.fromkeys(pipelines, "bright: it is seen here")
        made[position] = Picture(photo, 320, 240, dict.fromkeys(pipelines, where), captions)
    return made


def showcase_of(names: list[str], **more: Any) -> Showcase:
    """All that a report shows of captures with these names."""
    collection = found_in(gathered_of(names))
    answers = tuple(answers_in(collection.gathered))
    issues = issues_of(answers, collection.gathered.digests)
    pictures = pictures_for(wanted(collection, answers, issues))
    paths: list[Path | None] = [Path(name) for name in names]
    return Showcase(collection, answers, issues, pictures, **({"paths": paths} | more))
