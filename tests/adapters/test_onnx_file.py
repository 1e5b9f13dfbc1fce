"""ONNX files come from the configuration folder and from nowhere else."""

import pytest

from multimodal.adapters.onnx_file import read_onnx_file
from multimodal.domain.shared.errors import ConfigError


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config" / "image").mkdir(parents=True)
    (tmp_path / "config" / "image" / "mine.onnx").write_bytes(b"12345678")
    (tmp_path / "outside.onnx").write_bytes(b"secret")
    return tmp_path / "config"


def test_a_file_beside_the_yaml_or_elsewhere_in_the_folder_is_read(root):
    assert read_onnx_file(root / "image", "mine.onnx", root) == b"12345678"
    assert read_onnx_file(root / "image", "../image/mine.onnx", root) == b"12345678"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("yours.onnx", "There is no ONNX file 'yours.onnx'", id="missing"),
        pytest.param("", "There is no ONNX file", id="a folder"),
        pytest.param("../../outside.onnx", "outside of the configuration folder", id="above"),
        pytest.param("/etc/hostname", "outside of the configuration folder", id="anywhere"),
        pytest.param("link.onnx", "outside of the configuration folder", id="a link to the outside"),
        pytest.param("a\0b", "cannot be read", id="no name"),
        pytest.param("n" * 3_000, "cannot be read", id="far too long a name"),
    ],
)
def test_what_is_no_file_of_the_folder_is_refused(root, name, message):
    (root / "image" / "link.onnx").symlink_to(root.parent / "outside.onnx")
    with pytest.raises(ConfigError, match=message) as caught:
        read_onnx_file(root / "image", name, root)
    assert str(root.parent) not in str(caught.value)


def test_a_file_over_the_limit_is_refused(root):
    with pytest.raises(ConfigError, match="larger than 7 bytes"):
        read_onnx_file(root / "image", "mine.onnx", root, limit=7)
