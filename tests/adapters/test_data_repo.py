"""Data sets from folders, manifests and YAML, here and at URLs, alone and joined; each mistake is named."""

import io
import json
import pickle
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet
import pytest

from multimodal.adapters.data_repo import FileDatasetSource
from multimodal.config.strict_yaml import read_yaml
from multimodal.domain.shared.errors import BrokenCapture, CaptureTooLarge, ConfigError, DataError, UnknownName
from multimodal.domain.shared.identity import new_id
from multimodal.domain.shared.modality import Limits
from tests import toy
from tests.fakes import InlineRenderer, MemoryDatasetSource
from tests.s3 import BUCKET, Shelf


@pytest.fixture
def source(tmp_path):
    described = {
        "made": ({"dataset": "made", "synthetic": {"use": "tests.adapters.test_data_repo:make", "count": 3}}, tmp_path),
        "here": ({"dataset": "here", "folder": "pictures", "data_label_mapping": {"good": "calm"}}, tmp_path),
    }
    return FileDatasetSource({"numbers": toy.MODALITY}, described, read_yaml, toy.resolve, Limits(), InlineRenderer())


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


# --- wherever it lies -------------------------------------------------------------------------------------------------


@pytest.fixture
def remote(source, shelf):
    """A few captures on a shelf, and all ways to name them."""
    for name in ("good/a.txt", "good/scene 1/b.txt", "good/scene 1/c.txt", "bad/d.txt", "good/.e.txt", "good/notes.md"):
        shelf.put(f"set/{name}", f"numbers:{len(name)} 2")
    rows = [
        {"path": "set/good/a.txt", "label": "calm", "group": "g", "site": "north"},
        {"path": shelf.at("set/bad/d.txt"), "label": "wild", "split": "test"},
    ]
    shelf.put("m.jsonl", "\n".join(map(json.dumps, rows)))
    shelf.put("m.csv", "path,label,group,split,site\n" + "".join(
        f"{r['path']},{r['label']},{r.get('group', '')},{r.get('split', '')},{r.get('site', '')}\n" for r in rows
    ))  # fmt: skip
    buffer = io.BytesIO()
    pa.parquet.write_table(
        pa.Table.from_pylist([{"split": None, "group": None, "site": None} | r for r in rows]), buffer
    )
    shelf.put("m.parquet", buffer.getvalue())
    shelf.put("sets/y.yaml", "dataset: mine\nfolder: ../set\ndata_label_mapping: {good: calm, bad: wild}\n")
    shelf.put("sets/ym.yaml", "dataset: listed\nmanifest: ../m.csv\n")
    shelf.put("sets/j.yaml", "dataset: all\njoin: [y.yaml, {dataset: m, manifest: ../m.csv}]\n")
    return shelf


def test_a_folder_is_read_wherever_it_lies(source, remote):
    data = source.load(remote.at("set"))
    assert [c.name for c in data.captures] == ["bad/d.txt", "good/a.txt", "good/scene 1/b.txt", "good/scene 1/c.txt"]
    assert data.groups == ["bad/d.txt", "good/a.txt", "good/scene 1", "good/scene 1"]
    assert (data.class_names, data[2][0].values.tolist()) == (("bad", "good"), [18, 2])


@pytest.mark.parametrize("name", ["m.csv", "m.jsonl", "m.parquet", "sets/ym.yaml"])
def test_a_manifest_is_read_wherever_it_lies(source, remote, name):
    data = source.load(remote.at(name))
    assert data.labels == ["calm", "wild"]
    assert [c.split for c in data.captures] == [None, "test"]
    assert (data.groups[0], data.captures[0].facts["site"]) == ("g", "north")
    assert [sample.values.tolist() for sample, _ in data] == [[10, 2], [9, 2]]


def test_a_yaml_is_read_wherever_it_lies(source, remote):
    data = source.load(remote.at("sets/y.yaml"))
    assert (data.name, data.class_names, len(data)) == ("mine", ("calm", "wild"), 4)
    assert len({data.digest, source.load(remote.at("sets/y.yaml")).digest}) == 1


def test_several_are_joined_wherever_they_lie(source, remote):
    data = source.load(remote.at("sets/j.yaml"))
    assert (len(data), data.name) == (6, "all")
    assert data.captures[0].name == "mine/bad/d.txt"
    assert data.captures[4].name == "m/set/good/a.txt"
    assert data[4][0].values.tolist() == [10, 2]


def test_good_captures_need_no_folder_a_class(source, remote):
    data = source.good_captures(remote.at("set"))
    assert data.labels == [None] * 4
    assert data.groups == ["bad", "good", "good/scene 1", "good/scene 1"]
    flat = source.good_captures(remote.at("set/good/scene 1"))
    assert [c.name for c in flat.captures] == flat.groups == ["b.txt", "c.txt"]
    assert source.good_captures(remote.at("m.csv")).labels == [None, None]
    assert len(source.good_captures(remote.at("sets/j.yaml"))) == 6


def test_captures_of_the_same_content_are_the_same_data_set_wherever_they_lie(source, remote, tmp_path):
    for capture in source.load(remote.at("set")).captures:
        target = tmp_path / "copy" / capture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(capture.read())
    assert source.load(str(tmp_path / "copy")).digest == source.load(remote.at("set")).digest


def test_captures_can_go_to_another_process(source, remote):
    capture = source.load(remote.at("set")).captures[0]
    assert pickle.loads(pickle.dumps(capture)).read() == capture.read()


def test_a_capture_that_is_too_large_is_not_fetched(source, remote):
    small = FileDatasetSource({"numbers": toy.MODALITY}, {}, read_yaml, toy.resolve, Limits(bytes=4), InlineRenderer())
    with pytest.raises(CaptureTooLarge):
        small.load(remote.at("set"))[0]


def test_a_missing_remote_capture_is_broken_when_it_is_read(source, shelf):
    shelf.put("m.csv", "path,label\nsome.txt,calm\nnone.txt,calm\n")
    shelf.put("some.txt", "numbers:1")
    if "://" not in shelf.root:
        with pytest.raises(DataError, match=r"such as none\.txt"):
            source.load(shelf.at("m.csv"))
        return
    with pytest.raises(BrokenCapture, match=r"none\.txt"):
        source.load(shelf.at("m.csv"))[1]


# --- joined -----------------------------------------------------------------------------------------------------------


def joining(source, *items, **more):
    return replace(source, described={**source.described, "both": ({"dataset": "both", "join": list(items), **more},
                                                                    source.described["here"][1])})  # fmt: skip


def test_names_paths_and_mappings_are_joined_and_their_names_are_unique(source, pictures):
    inline = {"folder": "pictures", "data_label_mapping": {"bad": "wild"}}
    data = joining(source, "made", str(pictures), "here", inline, inline).load("both")
    assert len(data) == 3 + 4 + 3 + 1 + 1
    assert len({c.name for c in data.captures}) == len(data)
    assert [c.name for c in data.captures][-2:] == ["part 4/bad/d.txt", "part 5/bad/d.txt"]
    assert data.labels[-1] == "wild"


def test_a_group_is_the_same_in_all_parts(source, pictures):
    data = joining(source, "here", {"dataset": "again", "folder": "pictures"}).load("both")
    assert data.groups.count("good/scene 1") == 4
    assert len({g for g in data.groups if g.endswith("a.txt")}) == 2


def test_the_labels_of_all_parts_can_be_renamed_together(source, pictures):
    data = joining(source, "made", "here", data_label_mapping={"calm": "quiet"}, class_names=["quiet", "loud"]).load(
        "both"
    )
    assert (len(data), data.class_names) == (6, ("quiet", "loud"))


def test_parts_of_the_same_name_are_numbered(source, tmp_path):
    for place in ("a", "b"):
        (tmp_path / place / "x").mkdir(parents=True)
        (tmp_path / place / "x" / "1.txt").write_bytes(b"numbers:1")
    items = [{"dataset": "twin", "folder": "a"}, {"dataset": "twin", "folder": "b"}]
    data = joining(source, *items).load("both")
    assert [c.name for c in data.captures] == ["twin/x/1.txt", "twin 2/x/1.txt"]


def test_a_circle_is_an_error(source, tmp_path):
    (tmp_path / "a.yaml").write_text("dataset: a\njoin: [b.yaml]\n")
    (tmp_path / "b.yaml").write_text("dataset: b\njoin: [./a.yaml]\n")
    with pytest.raises(ConfigError, match=r"'a\.yaml' joins itself"):
        source.load(str(tmp_path / "a.yaml"))
    with pytest.raises(ConfigError, match="joined twice"):
        joining(source, "both").load("both")


def test_joining_the_same_over_and_over_cannot_grow_without_end(source, tmp_path):
    for number in range(40):
        (tmp_path / f"{number}.yaml").write_text(f"dataset: x\njoin: [{number + 1}.yaml, {number + 1}.yaml]\n")
    (tmp_path / "40.yaml").write_text("dataset: x\nfolder: pictures\n")
    with pytest.raises((ConfigError, DataError)):
        source.load(str(tmp_path / "0.yaml"))


@pytest.mark.parametrize("items", [{"folder": "x"}, [], "x"])
def test_join_is_a_list(source, items):
    broken = replace(source, described={"b": ({"dataset": "b", "join": items}, source.described["here"][1])})
    with pytest.raises(ConfigError, match="join: is a list"):
        broken.load("b")


def test_a_yaml_from_elsewhere_cannot_run_code_by_joining(source, tmp_path):
    (tmp_path / "evil.yaml").write_text("dataset: evil\njoin: [{synthetic: {use: 'os:system', command: 'true'}}]\n")
    with pytest.raises(ConfigError, match="runs code"):
        joining(source, str(tmp_path / "evil.yaml")).load("both")


def test_a_yaml_from_elsewhere_may_join_what_is_described_here(source, tmp_path):
    (tmp_path / "mine.yaml").write_text("dataset: mine\njoin: [made]\n")
    assert len(source.load(str(tmp_path / "mine.yaml"))) == 3


# --- hostile ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.csv", "path,label\n/etc/passwd,x\n"),
        ("m.csv", "path,label\nfile:///etc/passwd,x\n"),
        ("m.csv", "path,label\n../../../../etc/passwd,x\n"),
        ("y.yaml", "dataset: x\nfolder: /etc\n"),
        ("y.yaml", "dataset: x\nmanifest: file:///etc/m.csv\n"),
        ("y.yaml", "dataset: x\njoin: [~/m.csv]\n"),
    ],
)
def test_what_lies_at_a_url_may_not_name_files_of_this_machine(source, s3, name, text):
    shelf = Shelf(f"s3://{BUCKET}/{new_id()}")
    with pytest.raises(DataError, match="names"):
        source.load(shelf.put(name, text))


def test_a_local_manifest_may_name_any_file(source, pictures, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/m.csv").write_text(
        f"path,label\n{pictures / 'bad/d.txt'},wild\n{(pictures / 'good/a.txt').as_uri()},calm\n"
    )
    assert [sample.values.tolist() for sample, _ in source.load(str(tmp_path / "sub/m.csv"))] == [[1, 2, 3]] * 2


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("m.csv", "path,label\nx,y,z\n", "more values than there are columns"),
        ("m.csv", "path\n" + "x" * 200_000 + "\n", "cannot be read"),
        ("m.csv", "path\n" + "x" * 5_000 + "\n", "missing"),
        ("m.csv", b"path\n\xff\xfe\n", "cannot be read"),
        ("m.jsonl", '{"path": ' + "[" * 100_000 + "\n", "cannot be read"),
        ("m.csv", "path\na\0b\n", "m.csv"),
        ("y.yaml", "dataset: x\nfolder: y\nmodality: sound\n", "No modality"),
        ("y.yaml", "dataset: x\nfolder: y\nmanifest: z\n", "exactly one of"),
        ("y.yaml", "dataset: x\nfolder: pictures\ndata_label_mapping: [a]\n", "data_label_mapping is written"),
    ],
)  # fmt: skip
def test_broken_input_is_a_typed_error(source, pictures, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises((DataError, ConfigError), match=message):
        source.load(str(tmp_path / name))


def test_a_remote_yaml_names_its_file_when_it_is_wrong(source):
    shelf = Shelf(f"memory://{new_id()}")
    with pytest.raises(ConfigError, match=r"y\.yaml: .* not valid YAML"):
        source.load(shelf.put("y.yaml", "a: [\n"))
    with pytest.raises(ConfigError, match=r"none\.yaml"):
        source.load(shelf.at("none.yaml"))
    with pytest.raises(DataError, match=r"none\.csv"):
        source.load(shelf.at("none.csv"))


def test_of_each_split_a_group_may_be_in_two(source, pictures, tmp_path):
    """That is a leak, which `dataset show` reports; it is no reason not to look at the data."""
    (tmp_path / "m.csv").write_text(
        "path,label,group,split\npictures/bad/d.txt,a,g,train\npictures/good/a.txt,b,g,test\n"
    )
    assert [c.split for c in source.load(str(tmp_path / "m.csv")).captures] == ["train", "test"]


class DatasetSourceContract:
    """What any source of data sets does; `toy` is one of ten captures."""

    def test_a_data_set_is_found_by_its_name(self, datasets):
        assert len(datasets.load("toy")) == 10
        assert "toy" in datasets.names()

    def test_good_captures_have_no_labels(self, datasets):
        good = datasets.good_captures("toy")
        assert [(c.label, c.split) for c in good.captures] == [(None, None)] * 10

    def test_an_unknown_name_names_the_nearest(self, datasets):
        with pytest.raises(UnknownName, match="Did you mean 'toy'"):
            datasets.load("toi")
        with pytest.raises(UnknownName):
            datasets.good_captures("toi")


class TestFileDatasetSource(DatasetSourceContract):
    @pytest.fixture
    def datasets(self, tmp_path):
        made = {"dataset": "toy", "synthetic": {"use": "tests.adapters.test_data_repo:make", "count": 10}}
        return FileDatasetSource(
            {"numbers": toy.MODALITY}, {"toy": (made, tmp_path)}, read_yaml, toy.resolve, Limits(), InlineRenderer()
        )


class TestMemoryDatasetSource(DatasetSourceContract):
    @pytest.fixture
    def datasets(self):
        return MemoryDatasetSource(toy=toy.dataset(groups=5, each=2))
