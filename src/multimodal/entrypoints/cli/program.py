"""The program: global options, errors as one line on stderr, exit codes.

0 ..... fine
1 ..... an error, or what `--fail-on` asks for
2 ..... wrong usage
130 ... interrupted by Ctrl-C
141 ... the reader of the output went away
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from ...core import APPLICATION, version
from ...domain.shared.errors import QualityError
from .assess import assess
from .calibrate import calibrate
from .configuration import config
from .dataset import dataset
from .drift import drift
from .evaluate import evaluate
from .explain import explain
from .jobs import jobs
from .models import models
from .pipelines import pipelines
from .runs import runs
from .serve import serve
from .shell import Shell
from .train import train

INTERRUPTED = 130
BROKEN_PIPE = 141
EPILOG = """\
\b
Examples:
  multimodal assess photo.jpg
  multimodal assess photos/ --out results.csv
  multimodal serve

\b
Settings come from MULTIMODAL_... variables and .env files: `multimodal config show`.
Tab completion in bash (zsh and fish alike): eval "$(_MULTIMODAL_COMPLETE=bash_source multimodal)"
"""


class Refusal(click.ClickException):
    """An expected error: one clear line, no stack."""

    def show(self, file: Any = None) -> None:
        """Print it as a Unix program does."""
        click.echo(f"{APPLICATION}: {self.message}", file=file or sys.stderr)


class Program(click.Group):
    """A group of commands that turns our errors into exit codes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            value = super().invoke(ctx)
            sys.stdout.flush()  # a reader that went away is noticed here, not when the interpreter ends
            return value
        except QualityError as error:
            raise Refusal(str(error)) from error
        except KeyboardInterrupt:
            click.echo(f"{APPLICATION}: interrupted", err=True)
            ctx.exit(INTERRUPTED)
        except BrokenPipeError:
            forget_output()
            ctx.exit(BROKEN_PIPE)
        except OSError as error:
            raise Refusal(explained(error)) from error


def forget_output() -> None:
    """Send what is still to be flushed to nowhere, so that the interpreter ends without a complaint."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def explained(error: OSError) -> str:
    """What the operating system refused, as `FILE: reason`."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason


def show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    """Print the version and end."""
    if wanted and not ctx.resilient_parsing:
        click.echo(f"{APPLICATION} {version()}")
        ctx.exit()


@click.group(cls=Program, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", count=True, help="Say more on stderr; -vv everything.")
@click.option("-q", "--quiet", is_flag=True, help="Errors only: no progress, no summary.")
@click.option("--home", type=click.Path(file_okay=False, path_type=Path), help="Folder for all that is written.")
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=show_version, help="Show it and exit."
)
@click.pass_context
def program(ctx: click.Context, verbose: int, quiet: bool, home: Path | None) -> None:
    """How good is this capture? Many models judge photos, 3D scans and whole builds."""
    ctx.obj = Shell(home.absolute() if home else None, -1 if quiet else verbose)


COMMANDS = assess, explain, pipelines, calibrate, train, evaluate, models, dataset, drift, jobs, runs, serve, config

for command in COMMANDS:
    program.add_command(command)


def main() -> None:
    """Run the command line of this process."""
    program(prog_name=APPLICATION)
