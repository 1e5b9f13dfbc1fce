"""Write the tables of docs/properties.md, its pages and docs/model3d.md: `python scripts/make_property_tables.py`.

    facts ........ the table of one property: its pipelines, value and unit, labels, thresholds, when they abstain
    index ........ the table of all properties
    of_scans ..... the table of all properties of meshes and clouds
    renewed ...... a page with its table between the marks as it should be; a test holds that pages are as renewed

A page has the two marks, one a line, and may say what it likes around them.
"""

from __future__ import annotations

import inspect
from pathlib import Path

from multimodal.bootstrap import bootstrap
from multimodal.domain.shared.modality import Property
from multimodal.domain.shared.recipe import Abstention, Recipe
from multimodal.service.catalog import Catalog

DOCS = Path(__file__).parents[1] / "docs"
MODALITY, SCANS = "image", "model3d"
BEGIN, END = "<!-- table: made by scripts/make_property_tables.py -->", "<!-- end of table -->"


def properties(catalog: Catalog) -> dict[str, Property]:
    """All properties of photographs by short name, in alphabetical order."""
    full = sorted(name for name in catalog.properties if name.startswith(f"{MODALITY}/"))
    return {name.partition("/")[2]: catalog.properties[name] for name in full}


def facts(name: str, catalog: Catalog) -> str:
    """The table of one property, a line a pipeline, and its labels."""
    asked, head = properties(catalog)[name], "| pipeline | decides | value | thresholds | cannot tell |"
    lines = [fact(recipe, catalog) for recipe in recipes(name, catalog)]
    return "\n".join([f"Labels: {labels(asked)}.", "", head, "| --- | --- | --- | --- | --- |", *lines])


def fact(recipe: Recipe, catalog: Catalog) -> str:
    """The line of one pipeline."""
    decides = "yes" if recipe.decides else "no"
    silent = "; ".join(abstains(each) for each in recipe.cannot_tell) or "-"
    return f"| `{recipe.name}` | {decides} | {value(recipe)} | {thresholds(recipe, catalog)} | {silent} |"


def index(catalog: Catalog) -> str:
    """The table of all properties, a line each."""
    lines = [
        f"| [{name}](properties/{name}.md) | {asked.summary} | {value(recipes(name, catalog)[0])} | {labels(asked)} |"
        f" {decider(name, catalog)} |"
        for name, asked in properties(catalog).items()
    ]
    return "\n".join(["| property | question | value | labels | decides |", "| --- | --- | --- | --- | --- |", *lines])


def of_scans(catalog: Catalog) -> str:
    """The table of all properties of meshes and clouds, a line each."""
    lines = []
    for recipe in sorted(catalog.recipes.values(), key=lambda recipe: (kind_of(recipe, catalog), recipe.property)):
        if recipe.modality != SCANS:
            continue
        asked = catalog.property_of(recipe)
        decides = "yes" if recipe.decides else "no"
        lines.append(
            f"| {kind_of(recipe, catalog)} | {asked.name} | {asked.summary} | {value(recipe)} |"
            f" {thresholds(recipe, catalog)} | {labels(asked)} | {decides} |"
        )
    head = "| of | property | question | value | default | labels | decides |"
    return "\n".join([head, "| --- | --- | --- | --- | --- | --- | --- |", *lines])


def kind_of(recipe: Recipe, catalog: Catalog) -> str:
    """What can be asked: meshes, clouds, or both."""
    name = catalog.property_of(recipe).sample.__name__
    return {"MeshSample": "meshes", "CloudSample": "clouds"}.get(name, "both")


def labels(asked: Property) -> str:
    """All labels, those that are accepted in bold."""
    return ", ".join(f"**`{label}`**" if label in asked.accepted else f"`{label}`" for label in asked.labels)


def value(recipe: Recipe) -> str:
    """What the pipeline measures, and in which unit."""
    name = recipe.value.replace("_", " ")
    return f"{name}, {recipe.unit}" if recipe.unit not in ("", name) else name


def thresholds(recipe: Recipe, catalog: Catalog) -> str:
    """The parameters of a rule as its YAML states them, or else its class."""
    if recipe.estimator.kind != "rule":
        return "learned"
    (step,) = recipe.estimator.steps
    usual = inspect.signature(catalog.load(step.use)).parameters
    stated = {name: step.parameters.get(name, parameter.default) for name, parameter in usual.items()}
    return ", ".join(f"{name} {number:g}" for name, number in stated.items())


def abstains(range_: Abstention) -> str:
    """When a pipeline cannot tell."""
    limits = [("below", range_.below), ("above", range_.above)]
    said = " or ".join(f"{side} {limit:g}" for side, limit in limits if abs(limit) != float("inf"))
    return f"{range_.measure.replace('_', ' ')} {said}"


def recipes(name: str, catalog: Catalog) -> list[Recipe]:
    """The pipelines of a property, the deciding one first."""
    found = [recipe for recipe in catalog.recipes.values() if recipe.property == f"{MODALITY}/{name}"]
    return sorted(found, key=lambda recipe: (not recipe.decides, recipe.name))


def decider(name: str, catalog: Catalog) -> str:
    """The pipeline that speaks for a property in the verdict; some properties only inform."""
    first = recipes(name, catalog)[0]
    return f"`{first.name}`" if first.decides else "no, it informs"


def renewed(page: str, table: str) -> str:
    """The page's text with this table between its marks; `ValueError` when it has no marks."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"The page needs the lines {BEGIN} and {END}.")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def pages(catalog: Catalog) -> dict[Path, str]:
    """Which table belongs on which page."""
    return {DOCS / "properties.md": index(catalog), DOCS / "model3d.md": of_scans(catalog)} | {
        DOCS / "properties" / f"{name}.md": facts(name, catalog) for name in properties(catalog)
    }


def main() -> None:
    """Renew the tables of all pages that there are."""
    for path, table in pages(bootstrap().catalog).items():
        if path.exists():
            path.write_text(renewed(path.read_text(encoding="utf-8"), table), encoding="utf-8")


if __name__ == "__main__":
    main()
