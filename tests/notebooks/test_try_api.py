"""The notebook runs from top to bottom against a real service."""

import json
from contextlib import ExitStack
from pathlib import Path

from multimodal.bootstrap import bootstrap
from multimodal.config.config import Settings
from tests.entrypoints.api.serving import running

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "try_api.ipynb"


def test_the_notebook_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    shown: list[tuple[int, ...]] = []
    monkeypatch.setattr("multimodal.domain.image.image_utils.display_image", lambda image: shown.append(image.shape))
    with running(bootstrap(Settings(home=tmp_path))) as service:
        monkeypatch.setenv("API_URL", service.url)
        names: dict[str, object] = {}
        with ExitStack() as stack:
            for cell in cells:
                if cell["cell_type"] == "code":
                    exec(compile("".join(cell["source"]), "notebook", "exec"), names)
                    stack.callback(names["api"].close)
    printed = capsys.readouterr().out
    assert "under_exposed" in printed
    assert "broken.jpg           failed" in printed
    assert [status in printed for status in ("base64 400", "image 415", "photograph 422")] == [True] * 3
    assert len(shown) == 1


def test_the_notebook_is_kept_without_outputs():
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert all(cell.get("outputs", []) == [] for cell in cells)
