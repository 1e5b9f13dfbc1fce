"""ONNX files of the configuration folder: read when a pipeline that names one is loaded."""

from __future__ import annotations

from pathlib import Path

from ..domain.shared.errors import ConfigError
from .serialization import MODEL_LIMIT


def read_onnx_file(folder: Path, name: str, root: Path, limit: int = MODEL_LIMIT) -> bytes:
    """The bytes of a file named from `folder`; `ConfigError` unless it lies in `root` and is no larger than `limit`."""
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(root.resolve()):
            raise ConfigError(f"The ONNX file {name!r} lies outside of the configuration folder. Put it into it.")
        if not path.is_file():
            raise ConfigError(f"There is no ONNX file {name!r} beside the YAML that names it.")
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        raise ConfigError(f"The ONNX file {name!r} cannot be read.") from error
    if len(data) > limit:
        raise ConfigError(f"The ONNX file {name!r} is larger than {limit:,} bytes.")
    return data
