"""What people say that an utterance meant."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("call_id", sa.String(128), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("intent", sa.String()),
        sa.Column("sentiment", sa.String()),
        sa.Column("signals", sa.JSON()),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_corrections_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", "turn", name="pk_corrections"),
    )


def downgrade() -> None:
    op.drop_table("corrections")
