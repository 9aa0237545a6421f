"""People, areas, consents, invitations, plans with their meetups, and the audit."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_PERSON = "people.id"


def _person(*, primary: bool = False) -> "sa.Column[str]":
    key = sa.ForeignKey(_PERSON, ondelete="CASCADE")
    return sa.Column("person_id", sa.Text, key, primary_key=primary, nullable=False)


def upgrade() -> None:
    """Make the first tables."""
    _people()
    _plans()
    _records()
    _seal_audit()


def _people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("reference", sa.Text, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, unique=True),
        sa.Column("subject", sa.Text, unique=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("planning", sa.Boolean, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("seen_at", sa.Text),
    )
    op.create_table(
        "home_areas",
        _person(primary=True),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("area_id", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("radius_m", sa.Float, nullable=False),
        sa.Column("homes", sa.Integer, nullable=False),
        sa.Column("set_at", sa.Text, nullable=False),
        sa.Column("used_at", sa.Text, nullable=False),
    )
    op.create_index("home_areas_by_region", "home_areas", ["region", "area_id"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Integer, primary_key=True),
        _person(),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("text_version", sa.Text, nullable=False),
        sa.Column("audience", sa.Text, nullable=False),
        sa.Column("planning", sa.Boolean, nullable=False),
        sa.Column("paused", sa.Boolean, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
    )
    op.create_index("consents_by_person", "consents", ["person_id", "id"])
    op.create_table(
        "preferences",
        _person(primary=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
    )
    op.create_table(
        "invitations",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("token_hash", sa.Text, nullable=False, unique=True),
        _person(),
        sa.Column("invited_by", sa.Text),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("expires_at", sa.Text, nullable=False),
        sa.Column("used_at", sa.Text),
    )
    op.create_index("invitations_by_person", "invitations", ["person_id"])


def _plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("region", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Text),
    )
    plan = sa.ForeignKey("plans.id", ondelete="CASCADE")
    op.create_table(
        "meetups",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("plan_id", sa.Text, plan, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("starts_at", sa.Text),
        sa.Column("minutes", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
    )
    op.create_index("meetups_by_plan", "meetups", ["plan_id", "position"])
    meetup = sa.ForeignKey("meetups.id", ondelete="CASCADE")
    op.create_table(
        "attendance",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meetup_id", sa.Text, meetup, nullable=False),
        sa.Column("person_id", sa.Text, sa.ForeignKey(_PERSON, ondelete="SET NULL")),
        sa.Column("travel_time_s", sa.Float),
        sa.Column("attended", sa.Boolean),
        sa.UniqueConstraint("meetup_id", "person_id"),
    )
    op.create_index("attendance_by_person", "attendance", ["person_id"])


def _records() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("audit_by_time", "audit", ["at"])
    op.create_table(
        "queries",
        _person(primary=True),
        sa.Column("day", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("asked", sa.Integer, nullable=False),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def _seal_audit() -> None:
    """Let the database itself refuse to change or delete what the audit holds."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit"
                " BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()"
    )
