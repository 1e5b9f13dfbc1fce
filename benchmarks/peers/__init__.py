"""Other tools that judge photographs, each in a virtual environment of its own, and asked as ours is.

    TOOLS .......... name -> what is asked, by which script, with which requirements
    environment .... the Python of a tool's virtual environment, made when it is missing
    run ............ a tool on folders: scores of each file, sets of duplicates, seconds of processor and of the clock

    cleanvision .... Imagelab.find_issues() with its defaults (Apache-2.0)
    dataeval ....... compute_stats of all families that it names for images, Duplicates and Outliers from them (MIT)
    imgeda ......... its scan with its defaults, then its duplicates (MIT)
    classic ........ measures of the literature where no tool has one: scikit-image, SciPy, NumPy, Pillow
    multimodal ..... ours, in the Python that runs the benchmark; so is imread, which decodes and nothing else

fastdup is left out: its licence forbids commercial use. pyiqa likewise; imagededup, piq and BRISQUE judge no single
fault or need PyTorch for a hash that others have, too.

The scripts speak JSON lines (speaking.py). A score is the higher the better and is called ISSUE or ISSUE/MEASURE.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "multimodal-peers")
OURS, IMREAD = "multimodal", "imread"
TOOLS = ("cleanvision", "dataeval", "imgeda", "classic", OURS)
ANYWAY = {"blur", "dark", "bright", "contrast"}
TELLS = {
    "cleanvision": ANYWAY | {"information", "grayscale", "size", "aspect"},
    "dataeval": ANYWAY | {"information", "size", "aspect"},
    "imgeda": ANYWAY | {"border", "size", "aspect"},
    "classic": ANYWAY
    | {"noise", "compression", "resolution", "cast", "glare", "information", "grayscale", "oversaturation"},
}
"""The issues of which each peer has a score."""


class PeerError(RuntimeError):
    """A tool could not be installed or did not answer; the message ends with what it printed."""


@dataclass(frozen=True)
class Answer:
    """What a tool says of one folder.

    scores: file name -> issue -> score, the higher the better; a file that the tool cannot read has none.
    near, exact: sets of files that show the same, or are the same. processor, wall: seconds of the whole process tree
    from the moment when everything was imported; what each process needed to start is not in them.
    """

    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    near: Sequence[Sequence[str]] = ()
    exact: Sequence[Sequence[str]] = ()
    processor: float = 0.0
    wall: float = 0.0


def requirements(tool: str) -> Path:
    return HERE / f"{tool}.txt"


def environment(tool: str) -> Path:
    """The Python that has the tool: of its own virtual environment, which is made once for these requirements."""
    if tool in (OURS, IMREAD):
        return Path(sys.executable)
    from uv import find_uv_bin

    wanted = requirements(tool)
    folder = CACHE / f"{tool}-{sha256(wanted.read_bytes()).hexdigest()[:12]}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        uv = find_uv_bin()
        _told([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)])
        _told([uv, "pip", "install", "--quiet", "--python", str(python), "-r", str(wanted)])
        complete.touch()
    return python


def version(tool: str) -> str:
    """What answers: the tool's name and the version that is pinned."""
    if tool in (OURS, IMREAD):
        return tool
    pinned = [line for line in requirements(tool).read_text().split() if line.startswith(f"{tool}==")]
    return pinned[0].replace("==", " ") if pinned else tool


def identity(tool: str) -> str:
    """Changes when the tool, its pinned packages or our script do; answers are kept under it."""
    texts = (requirements(tool), HERE / f"ask_{tool}.py", HERE / "speaking.py")
    return sha256(b"".join(text.read_bytes() for text in texts if text.exists())).hexdigest()[:12]


def run(
    tool: str, folders: Iterable[Path], *, issues: Iterable[str] = (), home: Path | None = None, workers: int = 1
) -> dict[Path, Answer]:
    """Ask a tool about the photographs in each folder, one process for all of them.

    issues: what is wanted (default: everything, duplicates too). home: where ours finds its models
    (default: those that come with it). workers: processes or threads of tools that let one choose.
    """
    folders = [folder.resolve() for folder in folders]
    line = [str(environment(tool)), "-W", "ignore", str(HERE / f"ask_{tool}.py"), "--workers", str(workers)]
    line += ["--issues", *issues] if issues else []
    line += ["--home", str(home)] if home else []
    answers = _told([*line, "--folders", *map(str, folders)])
    return dict(zip(folders, (Answer(**json.loads(text)) for text in answers.splitlines()), strict=True))


def cost(tool: str, folder: Path, *, workers: int = 1) -> tuple[float, float]:
    """Seconds of processor (the whole process tree) and of the clock that a tool takes for a folder, without its start.

    The tool does what it does by default, ours all its pipelines and its search for duplicates.
    """
    answer = run(tool, [folder], workers=workers)[folder.resolve()]
    return answer.processor, answer.wall


def _told(line: Sequence[str]) -> str:
    known = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(line, capture_output=True, text=True, env=known)
    if done.returncode:
        raise PeerError(f"{' '.join(line[:4])} ... failed with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout
