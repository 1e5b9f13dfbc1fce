"""What a training ran in: commit, interpreter, platform and libraries.

surroundings .. all of it, flat
commit ........ the git commit of a folder and whether something in it differs from that
"""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

from ..core import checkout
from ..core import version as package_version

PATIENCE = 5  # seconds that git may take
LIBRARIES = ("mlflow", "numpy", "onnxruntime", "opencv-python-headless", "optuna", "scikit-learn", "skl2onnx", "torch")


def surroundings() -> dict[str, str]:
    """Name -> value; what cannot be found out is left out."""
    found = {"multimodal": package_version(), "python": platform.python_version(), "platform": platform.platform()}
    return found | libraries() | commit(checkout() or Path.cwd())


def libraries() -> dict[str, str]:
    """The versions of the installed libraries that make a difference."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit(folder: Path) -> dict[str, str]:
    """`git.commit` and `git.dirty` (true or false) of a checkout; empty elsewhere."""
    head = _git(folder, "rev-parse", "HEAD")
    if not head:
        return {}
    changed = _git(folder, "status", "--porcelain")
    return {"git.commit": head} | ({} if changed is None else {"git.dirty": str(bool(changed)).lower()})


def _git(folder: Path, *arguments: str) -> str | None:
    """What git says; None when it is not there, too slow or of another opinion."""
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *arguments]
    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=True, errors="replace"
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
