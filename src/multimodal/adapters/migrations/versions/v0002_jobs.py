"""Jobs."""

import sqlalchemy as sa
from alembic import op

from multimodal.adapters.db_tables import Key, Utc

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "jobs",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", Key, nullable=False),
        sa.Column("state", Key, nullable=False),
        sa.Column("created", Utc, nullable=False),
        sa.Column("started", Utc),
        sa.Column("finished", Utc),
        sa.Column("beat", Utc),
        sa.Column("owner", Key, nullable=False),
        sa.Column("cancelling", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("losses", sa.Integer, nullable=False),
        sa.Column("arguments", sa.Text, nullable=False),
        sa.Column("progress", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_state_id", "jobs", ["state", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("jobs")
