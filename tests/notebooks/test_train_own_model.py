"""The notebook runs from top to bottom: from good photographs to a model that serves, and back."""

import json
from pathlib import Path

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "train_own_model.ipynb"


def cells() -> list[dict]:
    return json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]


def test_the_notebook_runs_from_top_to_bottom(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.delenv("PHOTOS", raising=False)
    names: dict[str, object] = {"__name__": "notebook"}
    for cell in cells():
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "notebook", "exec"), names)
    printed = capsys.readouterr().out
    assert "12 photographs, 0 broken" in printed
    assert "| defocus | px diameter at 1024 | 5% |" in printed
    assert "is refused" in printed
    assert "serves; against the gate" in printed
    assert "serves again" in printed


def test_the_notebook_is_kept_without_outputs():
    assert all(cell.get("outputs", []) == [] for cell in cells())
