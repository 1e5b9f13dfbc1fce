"""How challengers agree with champions."""

import sqlalchemy as sa
from alembic import op

from multimodal.adapters.db_tables import Key

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of counters."""
    op.create_table(
        "agreements",
        sa.Column("pipeline", Key, nullable=False),
        sa.Column("champion", Key, nullable=False),
        sa.Column("challenger", Key, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.Column("same_label", sa.BigInteger, nullable=False),
        sa.Column("same_acceptance", sa.BigInteger, nullable=False),
        sa.Column("accepts_rejected", sa.BigInteger, nullable=False),
        sa.Column("rejects_accepted", sa.BigInteger, nullable=False),
        sa.Column("difference", sa.Double, nullable=False),
        sa.Column("dropped", sa.BigInteger, nullable=False),
        sa.Column("failed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("pipeline", "champion", "challenger", name="pk_agreements"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("agreements")
