"""Scans for training: the same each time, labelled and grouped; each fault shows in what is measured."""

import numpy as np
import pytest

from multimodal.domain.model3d import synthetic
from multimodal.domain.model3d.degradations import Cloud, of_sample
from multimodal.domain.model3d.sample import CloudSample, MeshSample, decode
from multimodal.domain.model3d.scan_quality import PROPERTY, ScanQualityExtractor
from multimodal.domain.model3d.spoiling import spoil
from tests.examined3d import rejected

SCANS = synthetic.captures("scan_quality", 48, seed=5)
ROWS = ScanQualityExtractor()


def test_the_same_recipe_gives_the_same_bytes():
    assert SCANS[3].read() == synthetic.captures("scan_quality", 4, seed=5)[3].read()
    assert SCANS[3].read() != synthetic.captures("scan_quality", 4, seed=6)[3].read()


def test_half_are_clouds_half_are_sound_and_all_copies_of_a_shape_are_one_group():
    kinds = [type(decode(scan.read())) for scan in SCANS[:16]]
    assert kinds.count(CloudSample) == kinds.count(MeshSample) == 8
    assert [scan.label for scan in SCANS].count("sound") == 24
    assert len({scan.group for scan in SCANS}) == 12


def test_all_faults_occur_in_meshes_and_in_clouds():
    found = {(scan.facts["kind"], scan.facts["fault"]) for scan in synthetic.captures("scan_quality", 400)}
    names = {fault.name for fault in PROPERTY.degradations}
    assert {fault for kind, fault in found if kind == "mesh"} >= names
    assert {fault for kind, fault in found if kind == "cloud"} >= names


@pytest.mark.parametrize("scan", [scan for scan in SCANS if scan.facts["fault"] == "none"][:16], ids=lambda s: s.name)
def test_a_sound_scan_is_rejected_by_no_rule(scan):
    assert rejected(decode(scan.read())) == set()


@pytest.mark.parametrize("fault", PROPERTY.degradations, ids=lambda fault: fault.name)
@pytest.mark.parametrize("slot", [0, 1, 2, 3])
def test_a_strong_fault_changes_what_is_measured(fault, slot):
    sound = synthetic.FaultyScan("scan_quality", 4 * slot, 1).sound()
    good = decode(spoil(decode(synthetic.written(sound)), None, 0.0, np.random.default_rng(1)))
    bad = decode(spoil(decode(synthetic.written(sound)), fault, fault.strengths[-1], np.random.default_rng(1)))
    before, after = np.array(ROWS.row(good)), np.array(ROWS.row(bad))
    assert np.abs(after[2:] - before[2:]).max() > 0.1


def test_a_copy_without_a_fault_has_the_same_points_turned():
    cloud = decode(SCANS[4].read())
    copy = of_sample(decode(spoil(cloud, None, 0.0, np.random.default_rng(0))))
    assert isinstance(copy, Cloud)
    assert len(copy.points) == len(cloud.points)
    assert np.linalg.norm(copy.points - copy.points.mean(axis=0), axis=1).max() == pytest.approx(
        np.linalg.norm(cloud.points - cloud.points.mean(axis=0), axis=1).max(), rel=1e-5
    )


def test_a_row_has_a_number_for_each_name_whatever_the_kind():
    for scan in SCANS[:8]:
        row = ROWS.transform([decode(scan.read())])
        assert row.shape == (1, len(ROWS.names))
        assert np.isfinite(row).all()
