"""The tables, as this version of the code sees them; `geo/store/migrations` makes them.

Moments are text, UTC, in one fixed form that sorts as time does; documents are JSON text. So a row
is the same in SQLite and PostgreSQL, and in the backup that goes from one to the other.

No table has a column for a home: an area is all there is. What must outlive a person (how many were
at a meetup, who exported what) holds an id that points nowhere once the person is forgotten.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """A moment with its zone, kept as text in UTC: ``2026-05-04T10:00:00.000000+00:00``."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Any) -> str | None:
        """Return the text; a moment without a zone is refused, for it could be any."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, _dialect: Any) -> datetime | None:
        """Return the moment."""
        return None if value is None else datetime.fromisoformat(value)


class Document(TypeDecorator[Any]):
    """Values of JSON, kept as text with sorted keys."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Any) -> str | None:
        """Return the text."""
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)

    def process_result_value(self, value: str | None, _dialect: Any) -> Any:
        """Return the values."""
        return None if value is None else json.loads(value)


metadata = MetaData()

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("reference", Text, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, unique=True),
    Column("subject", Text, unique=True),
    Column("role", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("weight", Float, nullable=False),
    Column("audience", Text, nullable=False),
    Column("planning", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("seen_at", Moment),
)
_PERSON = "people.id"


def _person(*, primary: bool = False) -> Column[str]:
    """Return a column for the person whose forgetting takes the row along."""
    key = ForeignKey(_PERSON, ondelete="CASCADE")
    return Column("person_id", Text, key, primary_key=primary, nullable=False)


home_areas = Table(
    "home_areas",
    metadata,
    _person(primary=True),
    Column("region", Text, nullable=False),
    Column("area_id", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lon", Float, nullable=False),
    Column("lat", Float, nullable=False),
    Column("radius_m", Float, nullable=False),
    Column("homes", Integer, nullable=False),
    Column("source", Text, nullable=False, server_default=""),
    Column("set_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Index("home_areas_by_region", "region", "area_id"),
)
consents = Table(
    "consents",
    metadata,
    Column("id", Integer, primary_key=True),
    _person(),
    Column("at", Moment, nullable=False),
    Column("text_version", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("planning", Boolean, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Index("consents_by_person", "person_id", "id"),
)
preferences = Table(
    "preferences",
    metadata,
    _person(primary=True),
    Column("document", Document, nullable=False),
    Column("changed_at", Moment, nullable=False),
)
invitations = Table(
    "invitations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    _person(),
    Column("invited_by", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("invitations_by_person", "person_id"),
)
plans = Table(
    "plans",
    metadata,
    Column("id", Text, primary_key=True),
    Column("region", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("request", Document, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Text),
)
meetups = Table(
    "meetups",
    metadata,
    Column("id", Text, primary_key=True),
    Column("plan_id", Text, ForeignKey("plans.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("place", Document, nullable=False),
    Column("starts_at", Text),
    Column("minutes", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Index("meetups_by_plan", "plan_id", "position"),
)
attendance = Table(
    "attendance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("meetup_id", Text, ForeignKey("meetups.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", Text, ForeignKey(_PERSON, ondelete="SET NULL")),
    Column("travel_time_s", Float),
    Column("attended", Boolean),
    UniqueConstraint("meetup_id", "person_id"),
    Index("attendance_by_person", "person_id"),
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("actor_id", Text),
    Column("action", Text, nullable=False),
    Column("subject_id", Text),
    Column("allowed", Boolean, nullable=False),
    Column("detail", Document, nullable=False),
    Index("audit_by_time", "at"),
)
queries = Table(
    "queries",
    metadata,
    _person(primary=True),
    Column("day", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("asked", Integer, nullable=False),
)
sign_ins = Table(
    "sign_ins",
    metadata,
    _person(primary=True),
    Column("latest", Moment, nullable=False),
    Column("ended", Moment),
)
sessions = Table(
    "sessions",
    metadata,
    _person(primary=True),
    Column("since", Moment, primary_key=True),
    Column("seen_at", Moment, nullable=False),
    Index("sessions_by_use", "seen_at"),
)
venues = Table(
    "venues",
    metadata,
    Column("id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("cells", Document, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", Text),
)
marks = Table(
    "marks",
    metadata,
    Column("name", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("at", Moment, nullable=False),
)
secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
