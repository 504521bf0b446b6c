"""What the spam filter made of each call, and what operators decided about numbers."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spam_verdicts",
        sa.Column("call_id", sa.String(128), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("challenged", sa.Boolean(), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("opening", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name="fk_spam_verdicts_call_id_calls", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name="pk_spam_verdicts"),
    )
    op.create_index("ix_spam_verdicts_verdict_judged_at", "spam_verdicts", ["verdict", "judged_at"])
    op.create_table(
        "spam_overrides",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("number", sa.String(64), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("call_id", sa.String(128)),
        sa.PrimaryKeyConstraint("id", name="pk_spam_overrides"),
    )
    op.create_index("ix_spam_overrides_number_id", "spam_overrides", ["number", "id"])


def downgrade() -> None:
    op.drop_table("spam_overrides")
    op.drop_table("spam_verdicts")
