"""What the scripts that ask a tool have in common: arguments, time, and one line of JSON a folder.

    speak(ask) ... ask(folder, wanted) -> (scores, near, exact) for each folder of the command line

Runs in the tool's own Python, so it needs nothing but the standard library. What a tool prints goes to standard error.
Time is counted from the moment when `speak` is called: import everything before that.
"""

import argparse
import json
import math
import os
import resource
import sys
import time
from pathlib import Path

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folders", nargs="+", type=Path, required=True)
    parser.add_argument("--issues", nargs="+", default=[])
    parser.add_argument("--home", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    return parser.parse_args()


def speak(ask):
    wanted = arguments()
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for folder in wanted.folders:
        wall, processor = time.perf_counter(), processor_seconds()
        scores, near, exact = ask(folder, wanted)
        answer = {
            "processor": processor_seconds() - processor,
            "wall": time.perf_counter() - wall,
            "scores": {name: finite(found) for name, found in scores.items()},
            "near": [sorted(together) for together in near],
            "exact": [sorted(together) for together in exact],
        }
        print(json.dumps(answer), file=out, flush=True)
    out.close()
    sys.stdout.flush()


def processor_seconds():
    """Of this process and of all that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def photographs(folder):
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)


def finite(scores):
    return {issue: float(value) for issue, value in scores.items() if value is not None and math.isfinite(value)}
