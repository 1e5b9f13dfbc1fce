"""What is not loaded: `--help` answers at once, and the serving process carries nothing that only training needs."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

TRAINING = {"sklearn", "pandas", "mlflow", "optuna", "ray", "skl2onnx", "onnx", "skimage", "torch", "matplotlib"}
HEAVY = {"numpy", "cv2", "onnxruntime", "sqlalchemy", "fastapi", "pydantic", "pyarrow", "rich", "yaml", "orjson"}
HELP = """
import contextlib, io
from multimodal.entrypoints.cli import main
import sys
sys.argv = ["multimodal", "--help"]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as text:
    main()
assert text.getvalue().startswith("Usage: multimodal")
"""
SERVING = """
import multimodal.entrypoints.api.server, multimodal.entrypoints.api.worker
from multimodal.bootstrap import bootstrap
from multimodal.domain.shared.sample import Capture
from multimodal.entrypoints.api.app import create_app
app = bootstrap()
create_app(app)
app.assessor.warm_up()
assert app.assessor.assess(Capture("photo", sys.stdin.buffer.read())).predictions
"""
REPORT = "\nimport json; print(json.dumps(sorted(sys.modules)))"


def loaded(program: str, given: bytes = b"") -> set[str]:
    """All modules that a program has loaded when it ends."""
    command = [sys.executable, "-c", "import sys" + program + REPORT]
    result = subprocess.run(command, input=given, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    return set(json.loads(result.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def of_help() -> set[str]:
    return loaded(HELP)


def test_help_loads_nothing_heavy(of_help):
    assert of_help & (TRAINING | HEAVY) == set()


def test_help_loads_few_modules(of_help):
    assert len(of_help - loaded("")) < 120


def test_the_serving_process_loads_nothing_that_only_training_needs():
    pixels = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    photo = cv2.imencode(".png", pixels)[1].tobytes()
    assert loaded(SERVING, photo) & TRAINING == set()
