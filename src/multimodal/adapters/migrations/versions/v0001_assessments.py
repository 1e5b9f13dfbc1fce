"""Assessments, their predictions, their evidence."""

import sqlalchemy as sa
from alembic import op

from multimodal.adapters.db_tables import Key, Utc

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "assessments",
        sa.Column("id", Key, nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.Column("name", Key, nullable=False),
        sa.Column("modality", Key, nullable=False),
        sa.Column("digest", Key, nullable=False),
        sa.Column("verdict", Key, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
    )
    op.create_index("ix_assessments_digest", "assessments", ["digest"])
    op.create_index("ix_assessments_name_id", "assessments", ["name", "id"])
    op.create_index("ix_assessments_verdict_id", "assessments", ["verdict", "id"])
    op.create_table(
        "predictions",
        sa.Column("assessment_id", Key, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("pipeline", Key, nullable=False),
        sa.Column("property", Key, nullable=False),
        sa.Column("model", Key, nullable=False),
        sa.Column("label", Key, nullable=False),
        sa.Column("accepted", sa.Boolean),
        sa.Column("score", sa.Float),
        sa.Column("value", sa.Float),
        sa.PrimaryKeyConstraint("assessment_id", "position", name="pk_predictions"),
        belongs_to_an_assessment("predictions"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_predictions_pipeline_label_assessment_id", "predictions", ["pipeline", "label", "assessment_id"]
    )
    op.create_table(
        "evidence",
        sa.Column("assessment_id", Key, nullable=False),
        sa.Column("pipeline", Key, nullable=False),
        sa.Column("png", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("assessment_id", "pipeline", name="pk_evidence"),
        belongs_to_an_assessment("evidence"),
    )


def belongs_to_an_assessment(table: str) -> sa.ForeignKeyConstraint:
    """The constraint that lets a row go with its assessment."""
    name = f"fk_{table}_assessments"
    return sa.ForeignKeyConstraint(["assessment_id"], ["assessments.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    """Drop them."""
    for table in ("evidence", "predictions", "assessments"):
        op.drop_table(table)
