"""Until when what an operator decided about a number holds."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("spam_overrides", sa.Column("until", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("spam_overrides", "until")
