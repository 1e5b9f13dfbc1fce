"""The toy rule, examined."""

from dataclasses import replace

from multimodal.domain.shared.data import Dataset, FeatureTable
from multimodal.domain.shared.examination import Examination, Material, answers_of, examine
from multimodal.domain.shared.extraction import Column, measure
from multimodal.domain.shared.pipelines import InferencePipeline
from multimodal.domain.shared.recipe import Recipe
from tests import toy
from tests.fakes import InlineEngine, MemoryFeatureStore


def rule(**changes) -> InferencePipeline:
    pipeline = InferencePipeline.from_recipe(Recipe.from_dict(toy.RULE), toy.PROPERTY, toy.resolve)
    return replace(pipeline, **changes)


def table_of(pipeline: InferencePipeline, data: Dataset) -> FeatureTable:
    columns = {"x": Column.of_features("key", pipeline.features)}
    return measure(data, columns, InlineEngine(), MemoryFeatureStore()).table("x", pipeline.features)


def examined(data: Dataset, pipeline: InferencePipeline | None = None) -> Examination:
    chosen = pipeline or rule()
    return examine(
        answers_of(chosen, table_of(chosen, data)), Material(data.name, data.digest, data.captures, broken=3)
    )


def few(*captures) -> Dataset:
    return Dataset(captures, lambda c: toy.decode(c.read(), c.name), name="few")
