"""CleanVision as it comes: Imagelab(folder).find_issues(); only its duplicates, where nothing else is wanted."""

from pathlib import Path

from cleanvision import Imagelab
from speaking import speak

ISSUES = {
    "blurry": "blur",
    "dark": "dark",
    "light": "bright",
    "low_information": "information",
    "grayscale": "grayscale",
    "odd_size": "size",
    "odd_aspect_ratio": "aspect",
}
ALSO = {"information": "contrast"}
"""What its nearest score answers where it has none of its own."""
DUPLICATES = {"exact_duplicates": {}, "near_duplicates": {}}


def scored(row):
    found = {ours: row[f"{theirs}_score"] for theirs, ours in ISSUES.items()}
    return {**found, **{other: found[issue] for issue, other in ALSO.items()}}


def ask(folder, wanted):
    lab = Imagelab(data_path=str(folder))
    chosen = DUPLICATES if wanted.issues == ["duplicates"] else None
    lab.find_issues(chosen, n_jobs=wanted.workers, verbose=False)
    scores = {} if chosen else {Path(path).name: scored(row) for path, row in lab.issues.iterrows()}
    sets = {kind: lab.info.get(f"{kind}_duplicates", {}).get("sets", []) for kind in ("near", "exact")}
    near, exact = ([[Path(path).name for path in together] for together in sets[kind]] for kind in ("near", "exact"))
    return scores, near, exact


if __name__ == "__main__":
    speak(ask)
