"""Sign-ins that can be ended before their cookie is."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of sign-ins."""
    op.create_table(
        "sign_ins",
        sa.Column(
            "person_id",
            sa.Text,
            sa.ForeignKey("people.id", ondelete="CASCADE"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("latest", sa.Text, nullable=False),
        sa.Column("ended", sa.Text),
    )
