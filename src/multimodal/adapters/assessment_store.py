"""Where assessments are kept: the port AssessmentStore in a relational database.

Three tables (see `db_tables`); an assessment is read back from its document, the other columns are there to search by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Engine

from ..domain.shared.ports import Page, Query
from ..domain.shared.results import Assessment
from .assessment_document import from_document, to_document
from .db import Repository, insert_all, reading
from .db_tables import ASSESSMENTS, EVIDENCE, PREDICTIONS
from .migrations import opened

LARGEST_PAGE = 1_000
NO_EVIDENCE: Mapping[tuple[str, str], bytes] = {}


@dataclass(frozen=True)
class AssessmentRow:
    """One row of `assessments`."""

    id: str
    created: datetime
    name: str
    modality: str
    digest: str
    verdict: str
    document: str


@dataclass(frozen=True)
class EvidenceRow:
    """One row of `evidence`."""

    assessment_id: str
    pipeline: str
    png: bytes


class SqlAssessmentStore:
    """Assessments in a database whose tables are up to date. Ids sort by time: newest first is descending by id."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.assessments = Repository(engine, ASSESSMENTS, AssessmentRow)
        self.pictures = Repository(engine, EVIDENCE, EvidenceRow)

    @classmethod
    def opened(cls, url: str) -> SqlAssessmentStore:
        """The store in the database of this URL, made or brought up to date when needed."""
        return cls(opened(url))

    def add(self, assessments: Sequence[Assessment], evidence: Mapping[tuple[str, str], bytes] = NO_EVIDENCE) -> None:
        """Keep all or none; `Conflict` when one is kept already, `NotFound` for evidence of an unknown assessment."""
        rows = [
            (ASSESSMENTS, [assessment_row(assessment) for assessment in assessments]),
            (PREDICTIONS, [row for assessment in assessments for row in prediction_rows(assessment)]),
            (EVIDENCE, [{"assessment_id": id, "pipeline": name, "png": png} for (id, name), png in evidence.items()]),
        ]
        insert_all(self.engine, rows)

    def get(self, id: str) -> Assessment:
        """One assessment or `NotFound`."""
        return from_document(self.assessments.read(id).document)

    def find(self, query: Query) -> Page:
        """A page of assessments, newest first; at most 1,000."""
        size = max(1, min(query.limit, LARGEST_PAGE))
        statement = sa.select(ASSESSMENTS.c.document).where(*conditions(query)).order_by(ASSESSMENTS.c.id.desc())
        with reading(self.engine) as connection:
            documents = connection.scalars(statement.limit(size + 1)).all()
        items = tuple(map(from_document, documents[:size]))
        return Page(items, items[-1].id if len(documents) > size else None)

    def evidence(self, id: str, pipeline: str) -> bytes:
        """One picture or `NotFound`."""
        return self.pictures.read(id, pipeline).png

    def delete(self, id: str) -> None:
        """Forget one assessment with its predictions and evidence, or `NotFound`."""
        self.assessments.delete(id)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()


def assessment_row(assessment: Assessment) -> dict[str, Any]:
    """What `assessments` keeps."""
    return {
        "id": assessment.id,
        "created": assessment.created,
        "name": assessment.name,
        "modality": assessment.modality,
        "digest": assessment.digest,
        "verdict": assessment.verdict,
        "document": to_document(assessment),
    }


def prediction_rows(assessment: Assessment) -> Iterator[dict[str, Any]]:
    """What `predictions` keeps."""
    for position, prediction in enumerate(assessment.predictions):
        yield {
            "assessment_id": assessment.id,
            "position": position,
            "pipeline": prediction.pipeline,
            "property": prediction.property,
            "model": prediction.model,
            "label": prediction.label,
            "accepted": prediction.accepted,
            "score": prediction.score,
            "value": prediction.value,
        }


def conditions(query: Query) -> Iterator[ColumnElement[bool]]:
    """What a query asks of a row of `assessments`."""
    for name in ("verdict", "modality", "name", "digest"):
        if (wanted := getattr(query, name)) is not None:
            yield ASSESSMENTS.c[name] == wanted
    if query.since is not None:
        yield ASSESSMENTS.c.created >= query.since
    if query.until is not None:
        yield ASSESSMENTS.c.created < query.until
    if query.after is not None:
        yield ASSESSMENTS.c.id < query.after
    if query.pipeline is not None or query.label is not None:
        yield answered(query.pipeline, query.label)


def answered(pipeline: str | None, label: str | None) -> ColumnElement[bool]:
    """Whether one prediction of the assessment is by this pipeline and has this label; None is any."""
    wanted = {"pipeline": pipeline, "label": label}
    equal = [PREDICTIONS.c[name] == value for name, value in wanted.items() if value is not None]
    return sa.exists().where(PREDICTIONS.c.assessment_id == ASSESSMENTS.c.id, *equal)
