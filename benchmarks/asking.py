"""What tools say of pictures, each picture asked about once as long as neither it nor the tool changes.

each ........ some tools side by side
scores ...... of pictures, by the tools of peers; those of others are kept beside the pictures, ours are always new
sets ........ near-duplicates in folders
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import peers

PLACE = Path(tempfile.gettempdir(), "multimodal-accuracy")
CHUNK, TOGETHER = 150, 2
BY_ISSUE = ("classic",)
"""Tools that save time by what they are not asked."""

Scores = Mapping[str, float]
Found = TypeVar("Found")


def each(tools: Sequence[str], ask: Callable[[str], Found]) -> dict[str, Found]:
    with ThreadPoolExecutor(TOGETHER) as pool:
        return dict(zip(tools, pool.map(ask, tools), strict=True))


def scores(tool: str, wanted: Mapping[Path, frozenset[str]], home: Path | None = None) -> dict[Path, Scores]:
    """What a tool says of each picture of which it can tell something; wanted: the issues that matter, by picture."""
    groups = defaultdict(list)
    for path, issues in wanted.items():
        told = issues if tool == peers.OURS else issues & peers.TELLS[tool]
        if told:
            groups[told if tool in BY_ISSUE else frozenset({"all"})].append(path)
    found: dict[Path, Scores] = {}
    for issues, paths in groups.items():
        kept = {} if tool == peers.OURS else remembered(tool, issues)
        missing = [path for path in paths if name(path) not in kept]
        for start in range(0, len(missing), CHUNK):
            print(f"{tool}: {start} of {len(missing)} for {', '.join(sorted(issues))}", file=sys.stderr, flush=True)
            new = asked(tool, missing[start : start + CHUNK], issues, home)
            kept |= new
            if tool != peers.OURS:
                remember(tool, issues, new)
        found |= {path: kept[name(path)] for path in paths}
    return found


def asked(tool: str, paths: Sequence[Path], issues: Iterable[str], home: Path | None) -> dict[str, Scores]:
    """Asked about links to these pictures in one folder; what a tool cannot read has no score."""
    with tempfile.TemporaryDirectory(dir=PLACE) as temporary:
        links = {path: Path(temporary, f"{number:05d}{path.suffix}") for number, path in enumerate(paths)}
        for path, link in links.items():
            os.link(path, link)
        folder = Path(temporary)
        answer = peers.run(tool, [folder], issues=sorted(issues), home=home)[folder.resolve()]
    return {name(path): answer.scores.get(link.name, {}) for path, link in links.items()}


def sets(tool: str, folders: Sequence[Path], home: Path | None = None) -> dict[Path, list[set[str]]]:
    """Files of each folder that a tool calls the same or nearly so."""
    answers = peers.run(tool, folders, issues=["duplicates"], home=home)
    return {folder: [set(one) for one in (*found.near, *found.exact)] for folder, found in answers.items()}


def name(path: Path) -> str:
    return str(path.relative_to(PLACE))


def memory(tool: str, issues: Iterable[str]) -> Path:
    return PLACE / "answers" / f"{tool}-{peers.identity(tool)}-{'-'.join(sorted(issues))}.jsonl"


def remembered(tool: str, issues: Iterable[str]) -> dict[str, Scores]:
    path = memory(tool, issues)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(json.loads(line) for line in lines)


def remember(tool: str, issues: Iterable[str], new: Mapping[str, Scores]) -> None:
    path = memory(tool, issues)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(item) + "\n" for item in new.items())
