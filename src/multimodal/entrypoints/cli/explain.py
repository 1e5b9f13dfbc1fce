"""`multimodal explain FILE PIPELINE`: where an answer comes from."""

from __future__ import annotations

from pathlib import Path

import click

from .shell import Shell

EPILOG = """\
\b
Examples:
  multimodal explain photo.jpg blur_gradients -o blur.png
  multimodal explain part.stl watertight_rims -o holes.glb
"""


@click.command(epilog=EPILOG, short_help="Show where an answer comes from.")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("pipeline", metavar="PIPELINE")
@click.option(
    "-o",
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="What to write: a picture (.png), or a mesh or cloud with its faults in colour (.ply, .glb).",
)
@click.pass_obj
def explain(shell: Shell, path: Path, pipeline: str, out: Path) -> None:
    """Show where the answer of PIPELINE about FILE comes from: `multimodal pipelines` names them."""
    from ...domain.shared.sample import Capture
    from .writers import whole_file

    form = out.suffix.lower().removeprefix(".")
    shown = shell.app().assessor.evidence(Capture.from_path(path), pipeline, form)
    with whole_file(out) as stream:
        stream.write(shown)
    shell.say(f"{out} shows where {pipeline} looks.")
