"""`multimodal config`: what is set, whether it is right, and where it lies."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .shell import Json, Shell
from .table import table
from .thresholds import thresholds

if TYPE_CHECKING:
    from ...config.config import Settings

PLACES = ("home", "config", "models", "data", "logs", "database")


@click.group(short_help="What is set, whether it is right, where it lies.")
def config() -> None:
    """Settings and configuration files.

    Settings are variables MULTIMODAL_...: from the environment, else ./.env, else HOME/.env, else their defaults.
    Pipelines and data sets are YAML files; your own lie below MULTIMODAL_CONFIG_PATH, in MODALITY/*.yaml and
    datasets/*.yaml.
    """


@config.command()
@click.option("-f", "--format", "form", type=Json, default="table", show_default=True, help="How to write it.")
@click.pass_obj
def show(shell: Shell, form: str) -> None:
    """Show all settings, and where each one comes from; passwords are hidden."""
    settings = shell.settings()
    origin = origins(settings, shell.home)
    shown = [(name, value, origin.get(name, "default")) for name, value in settings.shown().items()]
    if form == "json":
        import orjson

        values = {name: {"value": value, "from": source} for name, value, source in shown}
        click.echo(orjson.dumps(values, option=orjson.OPT_INDENT_2))
    else:
        click.echo("\n".join(table(["setting", "value", "from"], [[(text, "") for text in row] for row in shown])))


@config.command()
@click.argument("place", required=False, type=click.Choice(PLACES))
@click.pass_obj
def path(shell: Shell, place: str | None) -> None:
    """Show where everything lies, or only one PLACE (as scripts want it)."""
    found = places(shell.settings())
    rows = [[(name, ""), (found[name], "")] for name in PLACES if found[name]]
    click.echo(found[place] if place else "\n".join(list(table(["", ""], rows, bold=False))[1:]))


@config.command()
@click.pass_obj
def check(shell: Shell) -> None:
    """Read the settings and every YAML file, and report each mistake with its file and the nearest right word."""
    settings = shell.settings()
    from .checking import check_files

    count, mistakes = check_files(settings)
    for mistake in mistakes:
        click.echo(mistake)
    shell.say(f"{count} files, {len(mistakes) or 'no'} mistakes.")
    if mistakes:
        click.get_current_context().exit(1)


config.add_command(thresholds)


def origins(settings: Settings, home: Path | None) -> Mapping[str, str]:
    """Where each variable that is set comes from."""
    from ...config.config import PREFIX, read_env_file, variable

    found = dict.fromkeys(read_env_file(settings.home / ".env"), "HOME/.env")
    found |= dict.fromkeys(read_env_file(Path.cwd() / ".env"), "./.env")
    found |= dict.fromkeys((name for name in os.environ if name.startswith(PREFIX)), "environment")
    return found | ({variable("home"): "--home"} if home else {})


def places(settings: Settings) -> Mapping[str, str]:
    """Place -> path or URL."""
    folders = settings.folders
    return {
        "home": str(settings.home),
        "config": str(settings.config),
        "models": str(settings.models),
        "data": str(folders.data),
        "logs": str(folders.logs),
        "database": settings.shown()["MULTIMODAL_DATABASE_URL"],
    }
