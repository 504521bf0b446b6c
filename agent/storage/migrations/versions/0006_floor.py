"""What happened to seats, queues and callbacks is kept, so that a dying process loses no place."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("floor_inputs", "floor_snapshots"):
        op.create_table(
            table,
            sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
            sa.Column("at_ms", sa.BigInteger(), nullable=False),
            sa.Column("json", sa.Text(), nullable=False),
            sa.PrimaryKeyConstraint("seq", name=f"pk_{table}"),
        )


def downgrade() -> None:
    op.drop_table("floor_snapshots")
    op.drop_table("floor_inputs")
