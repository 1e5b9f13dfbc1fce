"""Ours, as `multimodal assess FOLDER` does it: all pipelines that are ready, then near-duplicates.

A fault's score is 1 minus the probability of its label, by the pipeline that decides for the property; what it cannot
tell counts by its score. Called PROPERTY:LABEL, and PROPERTY for the probability that it is acceptable.
The models are loaded before time counts, as others have nothing to load.
"""

from functools import cache
from hashlib import sha256

import cv2
from speaking import arguments, photographs, speak

from multimodal.bootstrap import bootstrap
from multimodal.config.config import load_settings
from multimodal.domain.shared.duplicates import clusters, near_duplicates, same_content
from multimodal.domain.shared.sample import Capture


@cache
def app(home, workers):
    cv2.setNumThreads(1)
    made = bootstrap(load_settings(home=home, workers=workers))
    made.assessor.warm_up()
    return made


def scored(assessment):
    scores = {}
    for prediction in assessment.predictions:
        if prediction.decides:
            name = prediction.property.rpartition("/")[2]
            scores[name] = prediction.score
            scores |= {f"{name}:{label}": 1 - share for label, share in prediction.probabilities.items()}
    return scores


def ask(folder, wanted):
    made = app(wanted.home, wanted.workers)
    captures = [Capture(path.name, path) for path in photographs(folder)]
    scores = {}
    if set(wanted.issues) != {"duplicates"}:
        scores = {found.name: scored(found) for found in made.assessor.assess_many(captures)}
    if wanted.issues and "duplicates" not in wanted.issues:
        return scores, [], []
    return scores, *duplicates(made.catalog.modalities["image"], captures)


def duplicates(image, captures):
    digests, prints = [], []
    for capture in captures:
        data = capture.read()
        digests.append(sha256(data).digest())
        prints.append(image.fingerprints(image.decode(data, capture.name)))
    links = {"near": near_duplicates(prints), "exact": same_content(digests)}
    near, exact = ([[captures[i].name for i in rows] for rows in clusters(links[kind])] for kind in ("near", "exact"))
    return near, exact


if __name__ == "__main__":
    given = arguments()
    app(given.home, given.workers)
    speak(ask)
