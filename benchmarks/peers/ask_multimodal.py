"""Ours, as `multimodal assess FOLDER` does it: all pipelines that are ready, then what the captures say together.

A fault's score is 1 minus the probability of its label, by the pipeline that decides for the property (where none
does, by the first that informs); what it cannot tell counts by its score. Called PROPERTY:LABEL, and PROPERTY for the
probability that it is acceptable. Where duplicates alone are wanted, turned and cropped ones are looked for, too.
The models are loaded before time counts, as others have nothing to load.
"""

from functools import cache

import cv2
from speaking import arguments, photographs, speak

from multimodal.adapters.machine import settle
from multimodal.bootstrap import bootstrap
from multimodal.config.config import load_settings
from multimodal.domain.shared.sample import Capture

CHEAPEST = "size_sides"
"""The pipeline that runs where only duplicates are wanted: a fingerprint comes with every assessment."""


@cache
def app(home, workers):
    cv2.setNumThreads(1)
    settle()
    made = bootstrap(load_settings(home=home, workers=workers))
    made.assessor.warm_up()
    return made


def scored(assessment):
    scores = {}
    for prediction in sorted(assessment.predictions, key=lambda one: not one.decides):
        name = prediction.property.rpartition("/")[2]
        if name not in scores:
            scores[name] = prediction.score
            scores |= {f"{name}:{label}": 1 - share for label, share in prediction.probabilities.items()}
    return scores


def ask(folder, wanted):
    made = app(wanted.home, wanted.workers)
    captures = [Capture(path.name, path) for path in photographs(folder)]
    chosen = [CHEAPEST] if wanted.issues == ["duplicates"] else None
    assessments = list(made.assessor.assess_many(captures, pipelines=chosen))
    scores = {} if chosen else {found.name: scored(found) for found in assessments}
    if wanted.issues and not chosen:
        return scores, [], []
    found = made.collections.of(assessments, turned=bool(chosen), cropped=captures if chosen else ())
    near, exact = (
        [[captures[i].name for i in each.members] for each in kind] for kind in (found.similar, found.copies)
    )
    return scores, near, exact


if __name__ == "__main__":
    given = arguments()
    app(given.home, given.workers)
    speak(ask)
