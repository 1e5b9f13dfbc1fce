"""imgeda as its command line does it: the scan with its defaults, then exact and near duplicates of the manifest."""

import tempfile
from pathlib import Path

from imgeda.core.duplicates import find_exact_duplicates, find_near_duplicates
from imgeda.io.manifest_io import read_manifest
from imgeda.models.config import ScanConfig
from imgeda.pipeline.runner import run_scan
from speaking import speak


def scored(record):
    light = record.pixel_stats.mean_brightness
    spread = record.pixel_stats.std_r + record.pixel_stats.std_g + record.pixel_stats.std_b
    return {
        "blur": record.blur_score,
        "dark": light,
        "bright": -light,
        "contrast": spread,
        "border": -record.corner_stats.delta,
        "size": min(record.width, record.height),
        "aspect": min(record.aspect_ratio, 1 / record.aspect_ratio),
    }


def ask(folder, wanted):
    with tempfile.TemporaryDirectory() as temporary:
        manifest = Path(temporary, "manifest.jsonl")
        config = ScanConfig(workers=wanted.workers)
        run_scan(str(folder), str(manifest), config)
        records = [record for record in read_manifest(str(manifest))[1] if not record.is_corrupt]
    near = find_near_duplicates(records, config.duplicate_hamming_threshold)
    exact = find_exact_duplicates(records).values()
    scores = {record.filename: scored(record) for record in records}
    return scores, [[r.filename for r in group] for group in near], [[r.filename for r in group] for group in exact]


if __name__ == "__main__":
    speak(ask)
