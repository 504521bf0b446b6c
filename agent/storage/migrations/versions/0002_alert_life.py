"""When an alert got worse, and when and how a caller took it back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("escalated_at", sa.DateTime(timezone=True)))
    op.add_column("alerts", sa.Column("withdrawn_at", sa.DateTime(timezone=True)))
    op.add_column("alerts", sa.Column("withdrawn_words", sa.Text()))


def downgrade() -> None:
    for name in ("withdrawn_words", "withdrawn_at", "escalated_at"):
        op.drop_column("alerts", name)
