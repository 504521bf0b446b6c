"""Calls, their events, summaries, alerts and tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def _of_call() -> sa.Column[str]:
    return sa.Column("call_id", sa.String(128), nullable=False)


def _references_call(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=f"fk_{table}_call_id_calls", ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("caller_number", sa.String(), nullable=False),
        sa.Column("called_number", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("ended_by", sa.String()),
        sa.Column("end_reason", sa.Text()),
        sa.Column("intent", sa.String()),
        sa.Column("sentiment", sa.String()),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("risk_score", sa.Double(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("recording", sa.String()),
        sa.PrimaryKeyConstraint("id", name="pk_calls"),
    )
    op.create_index("ix_calls_started_at_id", "calls", ["started_at", "id"])
    op.create_index("ix_calls_status", "calls", ["status"])
    op.create_table(
        "events",
        _of_call(),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audio_ms", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("json", sa.Text(), nullable=False),
        _references_call("events"),
        sa.PrimaryKeyConstraint("call_id", "seq", name="pk_events"),
    )
    op.create_table(
        "summaries",
        _of_call(),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        _references_call("summaries"),
        sa.PrimaryKeyConstraint("call_id", name="pk_summaries"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.String(256), nullable=False),
        _of_call(),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("causes", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("recommended", sa.Text(), nullable=False),
        sa.Column("raised_at", _TIME, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("acknowledged_by", sa.String()),
        sa.Column("acknowledged_at", _TIME),
        sa.Column("resolved_by", sa.String()),
        sa.Column("resolved_at", _TIME),
        sa.Column("outcome", sa.Text()),
        _references_call("alerts"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_call_id", "alerts", ["call_id"])
    op.create_index("ix_alerts_state_raised_at", "alerts", ["state", "raised_at"])
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(256), nullable=False),
        _of_call(),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("due", _TIME),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_by", sa.String()),
        sa.Column("done_at", _TIME),
        _references_call("tasks"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )
    op.create_index("ix_tasks_call_id", "tasks", ["call_id"])
    op.create_index("ix_tasks_state_due", "tasks", ["state", "due"])


def downgrade() -> None:
    for table in ("tasks", "alerts", "summaries", "events", "calls"):
        op.drop_table(table)
