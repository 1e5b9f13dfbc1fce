"""Ours, as `multimodal assess FOLDER` does it: all pipelines that are ready, then near-duplicates.

A fault's score is 1 minus the probability of its label, by the pipeline that decides for the property; what it cannot
tell counts by its score. Called PROPERTY:LABEL, and PROPERTY for the probability that it is acceptable.
The models are loaded before time counts, as others have nothing to load.
"""

from collections import defaultdict
from functools import cache

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
    assessments = list(made.assessor.assess_many(captures))
    scores = {found.name: scored(found) for found in assessments}
    if wanted.issues and "duplicates" not in wanted.issues:
        return scores, [], []
    return scores, *duplicates(made, captures, [found.digest for found in assessments])


def duplicates(made, captures, digests):
    image = made.catalog.modalities["image"]
    prints = [image.fingerprints(image.decode(capture.read(), capture.name)) for capture in captures]
    sets = defaultdict(list)
    for kind, links in (("near", near_duplicates(prints)), ("exact", same_content(digests))):
        sets[kind] = [[captures[i].name for i in rows] for rows in clusters(links)]
    return sets["near"], sets["exact"]


if __name__ == "__main__":
    given = arguments()
    app(given.home, given.workers)
    speak(ask)
