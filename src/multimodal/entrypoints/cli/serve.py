"""`multimodal serve`: the HTTP API."""

from __future__ import annotations

from typing import Any

import click

from .shell import Shell, thresholds_option


@click.command(short_help="Serve the HTTP API.")
@click.option(
    "--host", "api_host", metavar="ADDRESS", help="Default 127.0.0.1: this machine only; 0.0.0.0: all networks."
)
@click.option(
    "--port", "api_port", type=click.IntRange(0, 65_535), metavar="PORT", help="Default 8000; 0: any free one."
)
@click.option("-j", "--workers", type=click.IntRange(1, 1024), metavar="N", help="Processes; default: one a core.")
@click.option(
    "--queue", type=click.IntRange(1, 10_000), metavar="N", help="Requests that a process admits before it says 503."
)
@thresholds_option
@click.pass_context
def serve(ctx: click.Context, /, **given: Any) -> None:
    """Serve the API until it is told to stop: Ctrl-C or TERM end it when the requests at hand are answered."""
    from ..api.server import serve as serve_api

    shell: Shell = ctx.obj
    ctx.exit(serve_api(shell.settings(**given)))
