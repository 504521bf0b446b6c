"""Alerts that are in progress and escalated, incidents, and the outbox of notices."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("started_by", sa.String()))
    op.add_column("alerts", sa.Column("started_at", sa.DateTime(timezone=True)))
    op.add_column("alerts", sa.Column("escalations", sa.JSON(), nullable=False, server_default="[]"))
    op.create_table(
        "incidents",
        sa.Column("id", sa.String(512), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_alert_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
    )
    op.create_index("ix_incidents_company_closed_at", "incidents", ["company", "closed_at"])
    op.create_table(
        "notices",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("dedupe_key", sa.String(768), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("number", name="pk_notices"),
        sa.UniqueConstraint("id", name="uq_notices_id"),
        sa.UniqueConstraint("dedupe_key", name="uq_notices_dedupe_key"),
    )
    op.create_index("ix_notices_target_state_next_at", "notices", ["target", "state", "next_at"])
    op.create_index("ix_notices_target_subject_state", "notices", ["target", "subject", "state"])


def downgrade() -> None:
    op.drop_table("notices")
    op.drop_table("incidents")
    for name in ("escalations", "started_at", "started_by"):
        op.drop_column("alerts", name)
