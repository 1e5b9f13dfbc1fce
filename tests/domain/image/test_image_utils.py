"""Pictures as arrays: what is saved can be loaded, text is decoded strictly, and a broken file stops nothing."""

import base64

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from multimodal.domain.image.image_utils import (
    WRITABLE,
    Fit,
    base64_to_image,
    change_image_channels,
    decode_base64,
    display_image,
    encode_image,
    image_to_base64,
    load_image,
    numpy2pil,
    pil2numpy,
    resize_image,
    resize_images_in_folder,
    save_image,
    show_progress,
)
from multimodal.domain.shared.errors import BadEncoding, BrokenCapture, DataError, UnknownName, UnsupportedFormat
from tests.hostile import LEFT, READABLE, RIGHT, corners, encoded, half, halves, see_through, turned

LOSSLESS = (".png", ".tif", ".tiff", ".bmp")


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", WRITABLE)
def test_what_is_saved_can_be_loaded(tmp_path, suffix):
    loaded = load_image(save_image(halves(), tmp_path / f"photo{suffix}"))
    assert loaded.shape == (48, 64, 3)
    assert np.abs(loaded.astype(int) - halves()).mean() < (0.1 if suffix in LOSSLESS else 8)


def test_loading_gives_native_pixels_upright(tmp_path):
    path = tmp_path / "turned.jpg"
    path.write_bytes(turned(6))
    assert load_image(path).shape == corners().shape
    large = save_image(np.full((1200, 1000), 9, np.uint8), tmp_path / "large.png")
    assert load_image(str(large)).shape == (1200, 1000, 3)


@pytest.mark.parametrize("name", ["missing.jpg", "."])
def test_what_is_no_file_cannot_be_loaded(tmp_path, name):
    with pytest.raises(BrokenCapture):
        load_image(tmp_path / name)


def test_saving_replaces_a_file_whole_or_not_at_all(tmp_path):
    path = save_image(halves(), tmp_path / "new" / "photo.png")
    before = path.read_bytes()
    with pytest.raises(TypeError):
        save_image(np.zeros((4, 4, 7), np.uint8), path)
    assert path.read_bytes() == before
    save_image(corners(), path)
    assert load_image(path).shape == corners().shape
    assert [file.name for file in path.parent.iterdir()] == ["photo.png"]


def test_a_suffix_without_a_writer_is_refused(tmp_path):
    with pytest.raises(UnsupportedFormat, match=r"\.png"):
        save_image(halves(), tmp_path / "photo.heic")


def test_transparency_is_kept_where_the_format_has_it_and_laid_over_white_elsewhere():
    assert Image.open(_file(encode_image(see_through(), ".png"))).mode == "RGBA"
    assert Image.open(_file(encode_image(see_through(), ".jpg"))).getpixel((60, 20)) == (255, 255, 255)


def test_a_lower_quality_is_a_smaller_file():
    assert len(encode_image(corners(), ".jpg", 30)) < len(encode_image(corners(), ".jpg", 95))


def _file(data):
    import io

    return io.BytesIO(data)


# --- conversions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shape", "mode"), [((5, 4), "L"), ((5, 4, 1), "L"), ((5, 4, 3), "RGB"), ((5, 4, 4), "RGBA")])
def test_arrays_and_pillow_images_go_both_ways(shape, mode):
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    image = numpy2pil(array)
    assert image.mode == mode
    assert np.array_equal(pil2numpy(image), array.squeeze())


def test_unusual_pillow_modes_become_plain_ones():
    gray = Image.fromarray(np.full((3, 3), 200, np.uint8))
    assert pil2numpy(gray.convert("1")).dtype == np.uint8
    assert pil2numpy(gray.convert("P")).shape == (3, 3, 3)
    assert np.all(pil2numpy(Image.fromarray(np.full((3, 3), 257 * 9, np.uint16))) == 9)


@pytest.mark.parametrize(
    ("to", "expected"),
    [("rgb", [200, 40, 40]), ("bgr", [40, 40, 200]), ("rgba", [200, 40, 40, 255]), ("gray", 88)],
)
def test_channels_are_changed(to, expected):
    pixel = np.full((1, 1, 3), LEFT, np.uint8)
    assert change_image_channels(pixel, to)[0, 0].tolist() == expected
    assert change_image_channels(pixel[..., ::-1], to, source="bgr")[0, 0].tolist() == expected


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 1), (2, 3, 3), (2, 3, 4)])
@pytest.mark.parametrize(("to", "channels"), [("gray", ()), ("rgb", (3,)), ("bgr", (3,)), ("rgba", (4,))])
def test_every_kind_of_picture_can_become_every_other(shape, to, channels):
    image = np.full(shape, 255, np.uint8)
    changed = change_image_channels(image, to)
    assert changed.shape == (2, 3, *channels)
    assert np.all(changed == 255)
    assert not np.may_share_memory(changed, image)


def test_transparency_goes_over_white_when_alpha_goes():
    rgb = change_image_channels(see_through(), "rgb")
    assert tuple(rgb[20, 10]) == LEFT
    assert tuple(rgb[20, 60]) == (255, 255, 255)


def test_an_unknown_order_of_channels_names_the_nearest():
    with pytest.raises(UnknownName, match="'gray'"):
        change_image_channels(halves(), "grey")


# --- size ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fit", "expected"),
    [
        pytest.param({"size": (32, 32)}, (32, 24), id="inside"),
        pytest.param({"size": (32, 32), "keep_aspect": False}, (32, 32), id="stretched"),
        pytest.param({"longest": 128}, (128, 96), id="longest"),
        pytest.param({"shortest": 24}, (32, 24), id="shortest"),
        pytest.param({"longest": 1}, (1, 1), id="a-point"),
    ],
)
@pytest.mark.parametrize("channels", [(), (1,), (3,), (4,)])
def test_pictures_are_resized_to_a_side_or_a_size(fit, expected, channels):
    resized = resize_image(np.full((48, 64, *channels), 77, np.uint8), **fit)
    assert resized.shape == (expected[1], expected[0], *channels)
    assert np.all(resized == 77)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_resizing_keeps_the_type_of_the_values(dtype):
    assert resize_image(np.ones((40, 40, 3), dtype), longest=7).dtype == dtype


@pytest.mark.parametrize("wrong", [{}, {"longest": 0}, {"longest": 5, "shortest": 5}, {"size": (0, 5)}])
def test_one_positive_size_must_be_given(wrong):
    with pytest.raises(ValueError, match="Give one of"):
        resize_image(halves(), **wrong)


# --- text ------------------------------------------------------------------------------------------------------------


@given(st.binary(min_size=1, max_size=99))
def test_base64_goes_both_ways(data):
    text = base64.b64encode(data).decode()
    assert decode_base64(text) == data
    assert decode_base64(f"data:image/jpeg;base64,{text}") == data
    assert decode_base64(base64.encodebytes(data).decode()) == data


@given(st.text(max_size=40))
@example("")
@example("A")
@example("AB==CD==")
@example("QUJD-_==")
@example("QUJD====")
@example("=QUJ")
@example("data:image/png,QUJD")
@example("data:image/png;base64,")
@example("QUJD\u00e9")
@example("QUJD*QUJD")
def test_text_is_base64_or_a_typed_error(text):
    try:
        data = decode_base64(text)
    except BadEncoding:
        return
    body = "".join(text.split()).rpartition(",")[2]
    assert base64.b64encode(data).decode()[:-2] == body[:-2]


@pytest.mark.parametrize(
    "text", ["QUJ", "QUJD====", "QUJDR", "QR==QR==", "a b-c", "QUJD-_==", "QUJD*", "\u0422\u0435\u0441\u0442"]
)
def test_what_the_standard_library_would_wave_through_is_refused(text):
    with pytest.raises(BadEncoding):
        decode_base64(text)


def test_the_message_names_the_usual_mistake():
    with pytest.raises(BadEncoding, match="URL-safe"):
        decode_base64("QUJD-_8=")
    with pytest.raises(BadEncoding, match="data URL begins"):
        decode_base64("data:image/png,QUJD")


def test_pictures_travel_as_text():
    assert np.array_equal(base64_to_image(image_to_base64(halves())), halves())
    url = image_to_base64(halves(), ".jpg", data_url=True)
    assert url.startswith("data:image/jpeg;base64,/9j/")
    assert base64_to_image(url).shape == (48, 64, 3)


# --- folders ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    source = tmp_path / "source"
    (source / "deeper").mkdir(parents=True)
    (source / "a.jpg").write_bytes(READABLE["jpeg"])
    (source / "b.png").write_bytes(half(encoded(corners())))
    (source / "c.heic").write_bytes(READABLE["heif"])
    (source / "deeper" / "d.PNG").write_bytes(READABLE["png"])
    (source / "notes.txt").write_text("no picture")
    return source


def test_a_folder_is_resized_and_a_broken_file_stops_nothing(folder, tmp_path):
    seen = []
    report = resize_images_in_folder(
        folder, tmp_path / "small", Fit(longest=32), progress=lambda *step: seen.append(step)
    )
    assert report.done == ("a.jpg", "c.heic", "deeper/d.PNG")
    assert [name for name, _ in report.failed] == ["b.png"]
    assert "damaged" in report.failed[0][1]
    assert seen == [("resize", count, 4) for count in (1, 2, 3, 4)]
    written = sorted(path.relative_to(tmp_path / "small").as_posix() for path in (tmp_path / "small").rglob("*.*"))
    assert written == ["a.jpg", "c.jpg", "deeper/d.PNG"]
    assert load_image(tmp_path / "small" / "c.jpg").shape == (24, 32, 3)


def test_a_folder_is_never_resized_onto_itself(folder, tmp_path):
    for source, target in ((folder, folder), (folder, folder / "deeper" / ".."), (tmp_path / "missing", folder)):
        with pytest.raises(DataError):
            resize_images_in_folder(source, target, Fit(longest=32))


def test_progress_can_be_shown(folder, tmp_path, capsys):
    with show_progress() as progress:
        resize_images_in_folder(folder, tmp_path / "small", Fit(longest=8), progress=progress)
    assert "4/4" in capsys.readouterr().out


def test_a_picture_is_shown_in_a_window_or_a_notebook(monkeypatch):
    shown = []
    monkeypatch.setattr(Image.Image, "show", lambda image: shown.append(image.size))
    display_image(halves())
    assert shown == [(64, 48)]


def test_halves_have_two_colours():
    assert tuple(halves()[0, 0]) == LEFT
    assert tuple(halves()[0, -1]) == RIGHT
