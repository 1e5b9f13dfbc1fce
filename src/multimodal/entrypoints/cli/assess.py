"""`multimodal assess PATH...`: the main job; run.py does it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from .order import Order, refuse_impossible
from .shell import thresholds_option, words

FORMATS = ("table", "json", "jsonl", "csv", "parquet")
LEVELS = ("never", "failed", "bad", "cannot_tell")
EPILOG = """\
\b
Examples:
  multimodal assess photo.jpg
  multimodal assess photos/ --fail-on bad
  multimodal assess photos/ --out results.parquet --report photos.html
  multimodal assess photos/ --set noise.threshold=6 --set blur.accept=0.7
  multimodal assess 'shots/**/*.tif' --pipeline blur_laplacian --format jsonl | jq .verdict
  find . -name '*.jpg' -mtime -1 -print0 | multimodal assess --files-from - --format csv
  curl -s https://example.org/photo.jpg | multimodal assess -

\b
Exit codes:
  0    all could be assessed, or what --fail-on says
  1    a verdict that --fail-on names, or an error
  2    wrong usage, or nothing to assess
  130  interrupted; with --out the same command goes on where it stopped
"""


@click.command(epilog=EPILOG, short_help="Judge photos: files, folders, patterns.")
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path())
@click.option("-T", "--files-from", "lists", multiple=True, metavar="FILE", help="Read paths from FILE, `-` for stdin.")
@click.option("-p", "--pipelines", "--pipeline", multiple=True, callback=words, metavar="NAME,...", help="Only these.")
@click.option("-f", "--format", "form", type=click.Choice(FORMATS), help="Default: by the name of --out, else table.")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write here, when all is done.")
@click.option("--resume/--no-resume", default=True, help="Go on with an interrupted --out (default), or begin anew.")
@click.option("--store/--no-store", default=False, help="Also keep the results in the database.")
@click.option("-j", "--workers", type=click.IntRange(1, 1024), metavar="N", help="Threads; default: all cores.")
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default="failed", show_default=True, help="Exit with 1 from here on."
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Also write one page with everything to look at: issues, distributions, examples, duplicates.",
)
@click.option(
    "--collection",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Also write what the captures say together: duplicates, bursts, odd sizes, outliers.",
)
@click.option("--no-collection", "together", flag_value=False, default=True, help="Do not look at them together.")
@click.option("--turned", is_flag=True, help="Near-duplicates also where they are mirrored or turned.")
@click.option("--cropped", is_flag=True, help="Also where they are cut out of others (reads each capture once more).")
@thresholds_option
@click.pass_context
def assess(ctx: click.Context, /, **given: Any) -> None:
    """Judge each PATH: a file, a folder (with all folders in it), a pattern, or - for one capture on stdin.

    Results go to stdout or to --out; progress, a summary and what is wrong with all together go to stderr. A file that
    cannot be assessed gets the verdict `failed` and stops nothing. --fail-on: each grade contains those before it.
    """
    order = Order(**given)
    refuse_impossible(order)
    from .collecting import finish
    from .run import prepare, to_file, to_stream

    run = prepare(ctx.obj, order)
    start = time.monotonic()
    assessed = to_file(run, order.out) if order.out and order.is_resumable else to_stream(run)
    run.shell.say(run.tally.summary(assessed, time.monotonic() - start))
    finish(run)
    if run.tally.fails(order.fail_on):
        ctx.exit(1)
