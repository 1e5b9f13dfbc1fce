"""A bundle is one folder without pickle; a tampered or foreign one is refused."""

import hashlib
import json

import pytest

from multimodal.adapters.serialization import MANIFEST, bundle_files, read_bundle, write_bundle
from multimodal.domain.shared.calibration import Thresholds
from multimodal.domain.shared.errors import ArtifactError
from tests import toy


@pytest.fixture
def folder(tmp_path):
    return tmp_path / write_bundle(toy.bundle(), tmp_path)


def rehash(folder, name):
    """What a careful forger does: change a file and its checksum."""
    manifest = json.loads((folder / MANIFEST).read_text())
    data = (folder / name).read_bytes()
    manifest["files"][name] = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_what_is_written_is_read_back(folder):
    loaded = read_bundle(folder)
    assert loaded.recipe == toy.bundle().recipe
    assert (loaded.calibration, loaded.thresholds, loaded.classes) == (
        toy.bundle().calibration,
        toy.bundle().thresholds,
        ("wild", "calm"),
    )
    assert loaded.metrics == {"test": {"roc_auc": [0.9, 0.8, 1.0], "f1": [None] * 3}}
    assert loaded.version == folder.name


def test_the_same_content_has_the_same_version_and_other_content_another(tmp_path):
    first, second = write_bundle(toy.bundle(), tmp_path), write_bundle(toy.bundle(), tmp_path)
    other = write_bundle(toy.bundle(thresholds=Thresholds(0.3, 0.75)), tmp_path)
    assert first == second != other
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([first, other])


def test_a_folder_holds_text_and_arrays_only(folder):
    assert {p.suffix for p in folder.iterdir()} <= {".json", ".yaml", ".md", ".onnx"}
    assert b"\x80\x04" not in b"".join(p.read_bytes() for p in folder.iterdir())


@pytest.mark.parametrize("name", sorted(bundle_files(toy.bundle())))
def test_a_changed_file_is_noticed(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match="tampered"):
        read_bundle(folder)


@pytest.mark.parametrize("name", [*sorted(bundle_files(toy.bundle())), MANIFEST])
def test_a_missing_file_is_noticed(folder, name):
    (folder / name).unlink()
    with pytest.raises(ArtifactError):
        read_bundle(folder)


def test_an_additional_file_is_noticed(folder):
    (folder / "model.pkl").write_bytes(b"\x80\x04.")
    with pytest.raises(ArtifactError, match="not those of its manifest"):
        read_bundle(folder)


def test_a_link_instead_of_a_file_is_refused(folder, tmp_path):
    (tmp_path / "elsewhere").write_bytes((folder / "data.json").read_bytes())
    (folder / "data.json").unlink()
    (folder / "data.json").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ArtifactError, match="no regular file"):
        read_bundle(folder)


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(b"[]", id="no object"),
        pytest.param(b"{", id="no json"),
        pytest.param(b'{"schema": 99, "files": {}}', id="another schema"),
        pytest.param(b'{"schema": 1, "files": {"../../etc/passwd": {"sha256": "", "size": 0}}}', id="another folder"),
        pytest.param(b'{"schema": 1, "files": {"card.md": 3}}', id="odd facts"),
    ],
)
def test_a_foreign_manifest_is_refused(folder, manifest):
    (folder / MANIFEST).write_bytes(manifest)
    with pytest.raises(ArtifactError):
        read_bundle(folder)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("pipeline.yaml", b"!!python/object/apply:os.system ['true']", id="a python object"),
        pytest.param("pipeline.yaml", b"a: &a [x]\nb: [*a, *a]", id="aliases"),
        pytest.param("pipeline.yaml", b"- no mapping", id="no mapping"),
        pytest.param("pipeline.yaml", b"[" * 5_000, id="endless nesting"),
        pytest.param("calibration.json", b"{}", id="nothing said"),
        pytest.param(
            "calibration.json", b'{"scale": -1, "bias": [0, 0], "classes": [], "thresholds": {}}', id="nonsense"
        ),
    ],
)
def test_a_forged_file_with_a_fitting_checksum_is_still_refused(folder, name, content):
    (folder / name).write_bytes(content)
    rehash(folder, name)
    with pytest.raises(ArtifactError, match="cannot be understood"):
        read_bundle(folder)


def test_an_error_names_no_path_of_the_machine(folder, tmp_path):
    (folder / "card.md").unlink()
    with pytest.raises(ArtifactError) as caught:
        read_bundle(folder)
    assert str(tmp_path) not in str(caught.value)
