"""Files are read alike wherever they lie, never more of them than allowed, and every fault is told."""

import http.server
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multimodal.adapters.storage import Remote, content, listed, located, read
from multimodal.domain.shared.errors import BrokenCapture, CaptureTooLarge, DataError, QualityError
from multimodal.domain.shared.sample import Capture
from tests.s3 import BUCKET


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    """A web server of one folder."""
    folder = tmp_path_factory.mktemp("web")
    (folder / "a b.txt").write_bytes(b"numbers:1 2")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *arguments):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


NAMES = ["b.txt", "sub/a.txt", "sub/deep/ü #1?%20.txt", "zz/empty.txt"]


def test_files_are_listed_by_name_and_what_is_hidden_is_not(shelf):
    for name in [*NAMES, ".hidden.txt", "sub/.cache/x.txt"]:
        shelf.put(f"set/{name}", name if "empty" not in name else b"")
    shelf.put("set2/other.txt", "not below the folder")
    found = dict(listed(located(shelf.at("set"))))
    assert list(found) == sorted(NAMES)
    assert [read(place, 100).decode() for place in found.values()] == ["b.txt", *NAMES[1:3], ""]


def test_a_file_may_be_as_large_as_allowed_and_no_larger(shelf):
    place = located(shelf.put("file.bin", bytes(1000)))
    assert len(read(place, 1000)) == 1000
    with pytest.raises(CaptureTooLarge):
        read(place, 999)


def test_a_capture_is_read_when_it_is_asked_for(shelf):
    place = located(shelf.at("later.txt"))
    capture = Capture("later", content(place, 100))
    with pytest.raises(BrokenCapture, match=r"later\.txt"):
        capture.read(100)
    shelf.put("later.txt", "here")
    assert capture.read(100) == b"here"


def test_stores_of_objects_know_no_folders_so_that_a_missing_one_is_empty(s3):
    assert list(listed(located(f"s3://{BUCKET}/nowhere"))) == []


def test_a_missing_folder_of_this_machine_is_told(tmp_path):
    with pytest.raises(DataError, match="no folder 'nowhere'"):
        list(listed(located("nowhere", tmp_path)))


def test_names_are_relative_to_where_they_stand(shelf):
    shelf.put("sets/one/x.txt", "x")
    shelf.put("sets/two/y.txt", "y")
    assert read(located("../one/x.txt", located(shelf.at("sets/two"))), 9) == b"x"


def test_a_file_that_has_grown_since_it_was_listed_is_read_no_further(shelf):
    shelf.put("g/x.txt", "12345")
    ((_, place),) = listed(located(shelf.at("g")))
    shelf.put("g/x.txt", "1234567890")
    assert len(read(place, 10)) in (5, 10)


@pytest.mark.parametrize("url", ["s3://no-such-bucket/x.txt", "memory://no/such.txt"])
def test_what_is_not_there_is_told_on_one_line(s3, url):
    with pytest.raises(BrokenCapture, match="cannot be read") as found:
        read(located(url), 10)
    assert "\n" not in str(found.value)


def test_a_bucket_that_is_not_there_cannot_be_listed(s3):
    with pytest.raises(DataError, match="cannot be listed"):
        list(listed(located("s3://no-such-bucket/x")))


def test_a_server_that_is_away_is_told(monkeypatch, s3):
    from obstore.fsspec import FsspecStore

    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    FsspecStore.clear_instance_cache()
    with pytest.raises(BrokenCapture, match="cannot be read"):
        read(located("s3://bucket/x.txt"), 10)
    FsspecStore.clear_instance_cache()


def test_a_file_url_is_a_path(tmp_path):
    assert located((tmp_path / "a b.txt").as_uri()) == tmp_path / "a b.txt"


def test_the_web_is_read_but_not_listed(web):
    place = located("a b.txt", located(web + "/x").parent)
    assert (place.name, read(place, 100)) == ("a b.txt", b"numbers:1 2")
    with pytest.raises(CaptureTooLarge):
        read(place, 3)
    with pytest.raises(BrokenCapture, match="404"):
        read(located(f"{web}/none.txt"), 9)
    with pytest.raises(DataError, match="Give a manifest"):
        list(listed(located(web + "/folder")))


BASE = Remote("s3://bucket/sets/one")


@pytest.mark.parametrize(
    "text",
    ["/etc/passwd", "~/x", "C:\\x", "C:/x", "\\\\server\\x", "file:///etc/passwd", "local://etc/passwd", "memory://x",
     "FILE:///etc/passwd", "../../../x", "simplecache::file:///etc/passwd", "zip://a::file:///x.zip", "sftp://h/x"],
)  # fmt: skip
def test_what_lies_at_a_url_never_reaches_this_machine(text):
    try:
        place = located(text, BASE)
    except DataError:
        return
    assert place.url.startswith("s3://bucket/")


@given(st.text("/.\\:~ab# ?%0", max_size=12))
def test_whatever_a_remote_file_names_is_remote_or_refused(text):
    try:
        place = located(text, BASE)
    except DataError:
        return
    assert isinstance(place, Remote)
    assert place.protocol not in ("file", "local", "memory")


def test_a_remote_file_may_name_what_lies_elsewhere_on_the_net():
    assert located("https://example.org/a.jpg?x=1", BASE) == Remote("https://example.org/a.jpg?x=1")
    assert located("a/../b.jpg", BASE) == Remote("s3://bucket/sets/one/b.jpg")


def test_a_name_shows_no_query_and_no_password():
    place = Remote("https://me:secret@example.org/a/b%20c.jpg?signature=1")
    assert (str(place), place.name, place.suffix) == ("https://example.org/a/b%20c.jpg", "b c.jpg", ".jpg")
    assert str(place.parent) == "https://example.org/a"


@pytest.mark.parametrize("url", ["nosuch://x/y", "zip://a::b"])
def test_an_unknown_protocol_is_told(url):
    with pytest.raises(QualityError):
        read(located(url), 9)


def test_without_the_extra_it_is_named():
    program = (
        "import sys; sys.modules['obstore'] = None\n"
        "from multimodal.adapters.storage import listed, located\n"
        "list(listed(located('s3://bucket/x')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stderr.rstrip().endswith("s3:// needs the extra 'storage': pip install 'multimodal[storage]'.")


def test_a_path_of_a_folder_starts_there():
    assert located("x.jpg", Path("a/b")) == Path("a/b/x.jpg")
    assert located("/x.jpg", Path("a/b")) == Path("/x.jpg")
