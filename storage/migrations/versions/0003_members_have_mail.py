"""Members have an e-mail address, for when nothing else reaches them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """One column more; who was there before has no address."""
    column = sa.Column("email", sa.String(), nullable=False, server_default="")
    op.add_column("members", column)
