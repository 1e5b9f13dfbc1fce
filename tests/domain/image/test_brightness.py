"""Brightness: faulty exposures are told from dark scenes and light ones that are right as they are."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from multimodal.domain.image.brightness import (
    LABELS,
    PROPERTY,
    DeviationExtractor,
    ExposureExtractor,
    ExposureRule,
    clipping_evidence,
    stops_lost,
)
from multimodal.domain.image.degradations import EXPOSURES, expose
from multimodal.domain.image.light import encode
from multimodal.domain.image.sample import sample_from_pixels
from multimodal.domain.shared.evidence import overlay, to_png

DARKNESS, LIGHTNESS, BALANCE = range(3)


def texture(seed=0, shape=(480, 640), mean=0.16):
    """Linear light with the log-normal spread of a natural scene."""
    rng = np.random.default_rng(seed)
    stops = sum(
        cv2.resize(rng.normal(0, 1, (shape[0] // s + 1, shape[1] // s + 1)).astype(np.float32), shape[::-1]) * s**0.3
        for s in (4, 16, 64)
    )
    light = mean * 2.0 ** (stops / stops.std() * 1.2)
    return np.repeat(light.astype(np.float32)[..., None], 3, axis=2)


def studio(seed=0):
    """A subject of ordinary tones on a white background that clips on purpose."""
    light = np.full((480, 640, 3), 1.2, np.float32)
    light[120:400, 200:440] = texture(seed)[120:400, 200:440]
    return light


def product_on_black(seed=0):
    """A subject of ordinary tones before black velvet."""
    light = np.full((480, 640, 3), 0.0005, np.float32)
    light[120:400, 200:440] = texture(seed)[120:400, 200:440]
    return light


def night(seed=0):
    """A dark street with lit windows."""
    light = texture(seed, mean=0.004)
    light[100:400:60, 60:600:90] = 1.5
    for y in range(100, 400, 60):
        for x in range(60, 600, 90):
            light[y : y + 18, x : x + 14] = 0.9
    return light


def silhouette(seed=0):
    """Something dark before an evening sky."""
    light = texture(seed, mean=0.45)
    light[260:, 100:560] = 0.004
    return np.minimum(light, 0.95)


def snow(seed=0):
    """White that is not yet lost."""
    return np.clip(texture(seed, mean=0.18) ** 0.35 * 0.85, 0, 0.9).astype(np.float32)


SCENES = {"ordinary": texture, "studio": studio, "product-on-black": product_on_black, "night": night}
GOOD = SCENES | {"silhouette": silhouette, "snow": snow}


def photo(light, stops=0.0):
    return sample_from_pixels(encode(light * np.float32(2.0**stops)))


def measured(sample):
    return DeviationExtractor().row(sample)


def judged(sample):
    rule = ExposureRule()
    return LABELS[int(np.argmax(rule.margins(DeviationExtractor().transform([sample]))[0]))]


@pytest.mark.parametrize(
    ("level", "label"), [(0, "under_exposed"), (20, "under_exposed"), (118, "good"), (255, "over_exposed")]
)
@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (500, 500)])
def test_an_even_surface_has_a_known_answer(shape, level, label):
    assert judged(sample_from_pixels(np.full(shape, level, np.uint8))) == label


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scene", GOOD)
def test_scenes_that_are_dark_or_light_on_purpose_are_good(scene, seed):
    assert judged(photo(GOOD[scene](seed))) == "good"


@pytest.mark.parametrize("scene", ["ordinary", "studio", "product-on-black", "snow"])
def test_what_is_three_stops_too_dark_is_under_exposed(scene):
    assert judged(photo(GOOD[scene](), -3.0)) == "under_exposed"


@pytest.mark.parametrize("scene", ["ordinary", "studio", "silhouette", "snow"])
def test_what_is_three_stops_too_light_is_over_exposed(scene):
    assert judged(photo(GOOD[scene](), 3.0)) == "over_exposed"


def test_the_mean_alone_would_have_been_wrong():
    dark, light, under = photo(night()), photo(studio()), photo(texture(), -3)
    assert dark.pixels.mean() < under.pixels.mean() < light.pixels.mean()
    assert [judged(sample) for sample in (dark, light, under)] == ["good", "good", "under_exposed"]


def test_darkness_counts_stops():
    one, two, four = (measured(photo(texture(), -stops))[DARKNESS] for stops in (1, 2, 4))
    assert two - one == pytest.approx(1, abs=0.15)
    assert four - two == pytest.approx(2, abs=0.3)


def test_the_balance_is_negative_when_too_dark_and_positive_when_too_light():
    assert measured(photo(texture(), -4))[BALANCE] < -1
    assert measured(photo(texture()))[BALANCE] == 0
    assert measured(photo(texture(), 4))[BALANCE] > 0.5


def test_one_per_cent_of_lost_highlights_is_no_fault():
    assert stops_lost(0.01) == pytest.approx(0)
    assert stops_lost(0.0) < 0 < stops_lost(0.02)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 50), st.floats(-5, 3.5), st.floats(0.05, 1.5))
def test_brightness_never_falls_when_exposure_rises(seed, stops, more):
    extractor = ExposureExtractor()
    rising = [i for i, name in enumerate(extractor.names) if name[0] == "p" or name in ("light_share", "white_share")]
    falling = [extractor.names.index(name) for name in ("black_share", "dark_share", "darkness")]
    pixels = encode(texture(seed, (120, 160)))
    before, after = extractor.transform([sample_from_pixels(expose(pixels, s)) for s in (stops, stops + more)])
    assert np.all(after[rising] >= before[rising])
    assert np.all(after[falling] <= before[falling] + 0.3)


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, st.tuples(st.integers(1, 60), st.integers(1, 60), st.just(3))))
def test_every_picture_has_finite_features(pixels):
    extractor = ExposureExtractor()
    row = extractor.row(sample_from_pixels(pixels))
    assert len(row) == len(extractor.names) == len(set(extractor.names))
    assert np.isfinite(row).all()


@pytest.mark.parametrize("scene", GOOD)
def test_a_mirrored_photograph_measures_the_same(scene):
    light = GOOD[scene]()
    straight, mirrored = (ExposureExtractor().transform([photo(x)])[0] for x in (light, light[:, ::-1]))
    assert mirrored == pytest.approx(straight, abs=0.02)


@pytest.mark.parametrize("scene", SCENES)
def test_resolution_hardly_matters(scene):
    light = SCENES[scene]()
    large = cv2.resize(light, None, fx=3.1, fy=3.1, interpolation=cv2.INTER_CUBIC)
    assert measured(photo(large))[:2] == pytest.approx(measured(photo(light))[:2], abs=0.35)


@pytest.mark.parametrize("degradation", EXPOSURES, ids=lambda degradation: degradation.name)
def test_the_propertys_own_degradations_lead_to_its_labels(degradation):
    rng = np.random.default_rng(0)
    spoiled = degradation.apply(encode(texture()), degradation.strengths[-1], rng)
    assert judged(sample_from_pixels(spoiled)) == degradation.label
    assert degradation.label in PROPERTY.labels


def test_evidence_is_hot_where_light_is_lost():
    light = texture(mean=0.2)
    light[:100, :100], light[-100:, -100:] = 0.0, 2.0
    evidence = clipping_evidence(photo(light))
    assert evidence.heat[50, 50] == evidence.heat[-50, -50] == 1
    assert evidence.heat[240, 320] == 0


@pytest.mark.parametrize("shape", [(1, 1), (1, 2000), (480, 640), (900, 1600)])
def test_evidence_can_be_drawn_for_any_shape(shape):
    evidence = clipping_evidence(sample_from_pixels(np.full(shape, 255, np.uint8)))
    picture = overlay(evidence)
    assert picture.dtype == np.uint8
    assert max(picture.shape[:2]) <= 768
    decoded = cv2.imdecode(np.frombuffer(to_png(evidence), np.uint8), cv2.IMREAD_COLOR_RGB)
    assert np.array_equal(decoded, picture)


def test_without_heat_the_overlay_is_the_gray_picture():
    sample = sample_from_pixels(np.full((60, 80, 3), (200, 100, 50), np.uint8))
    assert np.all(overlay(clipping_evidence(sample)) == 124)
