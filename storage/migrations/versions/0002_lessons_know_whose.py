"""Examples know their urgency, and whose words they are: so they can be forgotten."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Three columns more; what was learnt before belongs to nobody in particular."""
    for name in ("urgency", "person", "message"):
        op.add_column("lessons", sa.Column(name, sa.String(), nullable=True))
