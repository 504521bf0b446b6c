"""How often a number has called of late is looked up while its caller is being greeted."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_calls_caller_number_started_at", "calls", ["caller_number", "started_at"])


def downgrade() -> None:
    op.drop_index("ix_calls_caller_number_started_at", table_name="calls")
