"""`multimodal calibrate`: thresholds for one's own kind of picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .bars import bars
from .figures import show_json
from .shell import Json, Shell, words
from .table import Cell, printable, table
from .thresholds import number

if TYPE_CHECKING:
    from ...domain.shared.evaluation import Interval
    from ...service.calibration_service import Effect, Proposal, Rates, Scene

MOST_SCENES = 10
MOST_NAMES = 5
EPILOG = """\
\b
Examples:
  multimodal calibrate --good my_good_photos/ --dry-run
  multimodal calibrate --good my_good_photos/ --bad my_bad_photos/ --false-alarms 0.02
  multimodal calibrate --good my_good_photos/ --pipelines blur_sharpness --out my_config/thresholds.yaml
"""
HEADER = ("property", "pipeline", "threshold", "was", "is", "unit")
RATES = ("pipeline", "was", "is", "on pictures held out", "bad caught, was", "is")


@click.command(epilog=EPILOG, short_help="Set all thresholds for pictures of your own kind.")
@click.option("--good", required=True, metavar="FOLDER", help="Good pictures; a folder in it is a scene.")
@click.option("--bad", metavar="FOLDER", help="Bad pictures; a folder in it may be called as a property or label.")
@click.option(
    "--false-alarms",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.01,
    show_default=True,
    metavar="RATE",
    help="The share of good pictures that each property may reject.",
)
@click.option(
    "-p", "--pipelines", "--pipeline", multiple=True, callback=words, metavar="NAME,...", help="Default: who decide."
)
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write here instead of thresholds.yaml of your configuration folder.",
)
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def calibrate(
    shell: Shell,
    /,
    *,
    good: str,
    bad: str | None,
    false_alarms: float,
    pipelines: tuple[str, ...],
    out: Path | None,
    dry_run: bool,
    form: str,
) -> None:
    """Choose the thresholds that fit your own pictures, show what changes, and write them into thresholds.yaml.

    Each pipeline that decides gets the strictest thresholds with which it rejects at most a share --false-alarms of
    pictures like the good ones; where these are too few to promise that, its thresholds are only loosened. With --bad
    it is also told how many faults are caught. Other entries of the file stay.
    """
    app = shell.app()
    with bars(shell.shows_progress) as progress:
        found = app.calibration.calibrate(
            good, bad=bad, false_alarms=false_alarms, pipelines=pipelines, progress=progress
        )
    show_json(found.to_dict()) if form == "json" else click.echo("\n".join(lines(found)))
    for remark in remarks(found):
        shell.say(remark)
    if not found.values:
        shell.say("Nothing changes, so nothing is written.")
    elif not dry_run:
        from ...config.thresholds import NAME, write_thresholds

        path = write_thresholds(out or app.settings.config / NAME, found.values)
        shell.say(f"Written to {path}. A running service takes it over when it is restarted (or sent SIGHUP).")


def lines(found: Proposal) -> Iterator[str]:
    """All that is shown on a terminal."""
    yield from table(HEADER, [row for effect in found.effects for row in changes(effect)])
    yield ""
    yield "false alarms, share of the good pictures that are rejected [95 %]"
    rows = [rates(effect.pipeline, effect.alarms, effect.detection) for effect in found.effects]
    yield from table(RATES, [*rows, rates("any of them", found.alarms, found.detection)])
    if found.scenes:
        yield ""
        yield from table(
            ("scene", "good pictures", "rejected, was", "is"), [scene(s) for s in found.scenes[:MOST_SCENES]]
        )
        if len(found.scenes) > MOST_SCENES:
            yield f"and {len(found.scenes) - MOST_SCENES:,} more, none of them worse (all in --format json)"


def changes(effect: Effect) -> Iterator[list[Cell]]:
    """A line for each threshold; one that changes in colour."""
    for change in effect.changes:
        before = change.threshold
        now = (number(change.now), "green") if change.is_one else ("unchanged", "")
        names = [(text, "") for text in (before.property, before.pipeline, before.name, number(before.value))]
        yield [*names, now, (before.unit or "score", "")]


def rates(name: str, alarms: Rates, detection: Rates | None) -> list[Cell]:
    """One line of rates."""
    held_out = share(alarms.held_out) if alarms.held_out else ""
    caught = (share(detection.before), share(detection.after)) if detection else ("", "")
    return [(text, "") for text in (name, share(alarms.before), share(alarms.after), held_out, *caught)]


def scene(found: Scene) -> list[Cell]:
    """One line of the folders."""
    name = printable(found.name) or "(no folder)"
    return [(text, "") for text in (name, f"{found.pictures:,}", f"{found.before:.1%}", f"{found.after:.1%}")]


def share(interval: Interval) -> str:
    """A share as percents with its interval."""
    return f"{interval.value:.1%} [{interval.low:.1%}, {interval.high:.1%}]"


def remarks(found: Proposal) -> Iterator[str]:
    """What has to be said beside the table."""
    bad = f" and {found.bad:,} bad ones" if found.bad else ""
    least = min(effect.independent for effect in found.effects)
    alike = f"; the good ones of a group are alike, so they count as {least:,}" if least < found.pictures else ""
    yield f"{found.pictures:,} good pictures in {found.groups:,} groups{bad}{alike}."
    short = [effect for effect in found.effects if effect.claim > found.wanted]
    if short:
        most, claim = max(effect.needed for effect in short), max(effect.claim for effect in short)
        names = ", ".join(effect.pipeline for effect in short)
        yield (
            f"These are too few to promise {found.wanted:.2%} false alarms (with 95 % confidence) for {names}: that "
            f"takes {most:,}; they can promise {claim:.1%} at best. So these thresholds are only loosened."
        )
    if found.alarms.held_out is None:
        yield "All good pictures are of one group, so nothing could be held out to try the thresholds on."
    if found.broken:
        names = ", ".join(printable(name) for name in found.broken[:MOST_NAMES])
        yield f"{len(found.broken):,} pictures cannot be read and are not counted: {names}" + (
            " ..." if len(found.broken) > MOST_NAMES else "."
        )
