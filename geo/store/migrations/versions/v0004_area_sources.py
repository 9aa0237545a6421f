"""What a home area was made from, so that an import replaces it by a better source only."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the source; of the areas that are there it is not known."""
    op.add_column("home_areas", sa.Column("source", sa.Text, nullable=False, server_default=""))
