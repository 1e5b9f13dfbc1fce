"""One process of the crew that assesses a large folder (crew.py): `python -m ...cli.member LOUDNESS MODEL...`.

stdin ..... a line a batch of captures: `[["name", "path"], ...]` in JSON
stdout .... `ready`, then a line an assessment, as documents.py writes it

Settings come from the environment. MODEL is `name@version`: all processes of a run answer with the models it
began with, whatever is promoted meanwhile.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from ...adapters.crew import READY
from ...domain.shared.errors import QualityError
from ...domain.shared.sample import Capture
from .documents import encode
from .shell import Shell


def main(loudness: str, *models: str) -> None:
    """Answer until there are no more questions."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whoever prints does not print into the answers
        app = Shell(loudness=int(loudness)).app()
        names = [pipeline.name for pipeline in app.assessor.serving.pin(models)]
        answers.write(READY)
        answers.flush()
        for line in sys.stdin.buffer:
            captures = [Capture(name, Path(path)) for name, path in json.loads(line)]
            answers.writelines(encode(a) + b"\n" for a in app.assessor.assess_batch(captures, pipelines=names))
            answers.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except QualityError as error:
        sys.exit(str(error))
