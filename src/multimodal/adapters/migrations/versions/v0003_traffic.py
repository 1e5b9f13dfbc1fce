"""What each version of a pipeline saw, day by day."""

import sqlalchemy as sa
from alembic import op

from multimodal.adapters.db_tables import Key

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "traffic",
        sa.Column("pipeline", Key, nullable=False),
        sa.Column("version", Key, nullable=False),
        sa.Column("what", Key, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "version", "what", "day", name="pk_traffic"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("traffic")
