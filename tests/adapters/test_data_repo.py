"""Data sets from folders, manifests and YAML; each mistake is named."""

import pyarrow as pa
import pyarrow.parquet
import pytest

from multimodal.adapters.data_repo import FileDatasetSource
from multimodal.config.strict_yaml import read_yaml
from multimodal.domain.shared.errors import ConfigError, DataError, UnknownName
from multimodal.domain.shared.modality import Limits
from tests import toy


@pytest.fixture
def source(tmp_path):
    described = {
        "made": ({"dataset": "made", "synthetic": {"use": "tests.adapters.test_data_repo:make", "count": 3}}, tmp_path),
        "here": ({"dataset": "here", "folder": "pictures", "data_label_mapping": {"good": "calm"}}, tmp_path),
    }
    return FileDatasetSource({"numbers": toy.MODALITY}, described, read_yaml, toy.resolve, Limits())


def make(count: int):
    return [toy.capture(str(i), [0, i], "calm") for i in range(count)]


@pytest.fixture
def pictures(tmp_path):
    for name in ("good/a.txt", "good/scene 1/b.txt", "good/scene 1/c.txt", "bad/d.txt"):
        path = tmp_path / "pictures" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"numbers:1 2 3")
    (tmp_path / "pictures" / "good" / "notes.md").write_text("no capture")
    return tmp_path / "pictures"


def test_a_folder_has_one_folder_a_class_and_below_it_one_a_group(source, pictures):
    data = source.load(str(pictures))
    assert (len(data), data.class_names) == (4, ("bad", "good"))
    assert data.groups == ["bad/d.txt", "good/a.txt", "good/scene 1", "good/scene 1"]
    assert data[0][0].values.tolist() == [1, 2, 3]


def rows(pictures):
    return [
        {"path": "pictures/good/a.txt", "label": "calm", "group": "g", "split": "train", "site": "north"},
        {"path": "pictures/bad/d.txt", "label": "wild", "group": "", "split": "", "site": "south"},
    ]


def as_csv(path, table):
    path.write_text(",".join(table[0]) + "\n" + "".join(",".join(row.values()) + "\n" for row in table))


def as_jsonl(path, table):
    import json

    path.write_text("".join(json.dumps(row) + "\n\n" for row in table))


def as_parquet(path, table):
    pyarrow.parquet.write_table(pa.Table.from_pylist(table), path)


@pytest.mark.parametrize("write", [as_csv, as_jsonl, as_parquet])
def test_a_manifest_gives_path_label_group_and_split(source, pictures, tmp_path, write):
    manifest = tmp_path / f"captures.{write.__name__.removeprefix('as_')}"
    write(manifest, rows(pictures))
    data = source.load(str(manifest))
    assert data.labels == ["calm", "wild"]
    assert data.groups == ["g", "pictures/bad/d.txt"]
    assert [c.split for c in data.captures] == ["train", None]
    assert data.captures[0].facts["site"] == "north"


def test_yaml_renames_labels_and_leaves_out_what_it_does_not_name(source, pictures):
    data = source.load("here")
    assert (len(data), data.class_names) == (3, ("calm",))


def test_yaml_may_lie_anywhere_and_its_paths_start_there(source, pictures, tmp_path):
    (tmp_path / "mine.yaml").write_text("dataset: mine\nfolder: pictures\nin_memory: true\n")
    data = source.load(str(tmp_path / "mine.yaml"))
    assert (data.name, len(data), data[0][0] is data[0][0]) == ("mine", 4, True)


def test_a_synthetic_data_set_is_made_by_a_function_that_the_installation_names(source):
    assert len(source.load("made")) == 3


def test_a_yaml_from_elsewhere_cannot_run_code(source, tmp_path):
    (tmp_path / "evil.yaml").write_text("dataset: evil\nsynthetic: {use: 'os:system', command: 'true'}\n")
    with pytest.raises(ConfigError, match="runs code"):
        source.load(str(tmp_path / "evil.yaml"))


def test_an_unknown_name_names_the_nearest(source):
    with pytest.raises(UnknownName, match="Did you mean 'made'"):
        source.load("mede")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.csv", "label\ncalm\n", "Row 1 of the manifest has no path"),
        ("m.csv", "path,split\nx,tset\n", "split is one of"),
        ("m.csv", "path\nmissing.txt\n", "missing, such as missing.txt"),
        ("m.csv", "path\n", "empty"),
        ("m.jsonl", "[1]\n", "each line is an object"),
        ("m.jsonl", "{\n", "cannot be read"),
        ("m.parquet", "no parquet", "cannot be read"),
        ("m.txt", "x", "is one of .csv, .jsonl, .parquet"),
        ("m.yaml", "dataset: x\nfoldr: y\n", "Did you mean 'folder'"),
        ("m.yaml", "dataset: x\n", "exactly one of"),
        ("m.yaml", "dataset: x\nfolder: nowhere\n", "no folder"),
    ],
)
def test_each_mistake_is_named(source, tmp_path, name, content, message):
    (tmp_path / name).write_text(content)
    with pytest.raises((DataError, ConfigError), match=message):
        source.load(str(tmp_path / name))


def test_an_empty_folder_says_what_was_looked_for(source, tmp_path):
    with pytest.raises(DataError, match=r"\.txt"):
        source.load(str(tmp_path))
