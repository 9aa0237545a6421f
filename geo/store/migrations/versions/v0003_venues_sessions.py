"""Own venues beside the people, and sign-ins one by one, each with its last use."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of venues and sessions."""
    op.create_table(
        "venues",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("cells", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Text),
    )
    op.create_table(
        "marks",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
    )
    person = sa.ForeignKey("people.id", ondelete="CASCADE")
    op.create_table(
        "sessions",
        sa.Column("person_id", sa.Text, person, primary_key=True, nullable=False),
        sa.Column("since", sa.Text, primary_key=True, nullable=False),
        sa.Column("seen_at", sa.Text, nullable=False),
    )
    op.create_index("sessions_by_use", "sessions", ["seen_at"])
