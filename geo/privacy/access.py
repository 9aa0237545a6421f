"""Who may do what, to whom: one table, asked by everything that shows, changes or exports.

What an employee sees of others hangs on both: who does not show does not see. A planner works with
the roster, but sees the area of those alone who allow planning, and changes nobody whose role is
above their own: whoever could give an admin's row another address would sign in as the admin. An
admin administers the system (roles, audit, regions, backups) and, as such, sees no more of people
than a planner.

Drives are shown in bands of minutes and small counts as "a few": exact minutes from three starts
locate a house, and a count of one names a person.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from geo.files import read_table


class Role(StrEnum):
    """What somebody is in the organisation; each may do what those before may."""

    EMPLOYEE = "employee"
    PLANNER = "planner"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Return whether this role may do what another may."""
        order = list(Role)
        return order.index(self) >= order.index(other)


class Audience(StrEnum):
    """By whom somebody agreed to be seen."""

    NOBODY = "nobody"
    TEAM = "team"
    EVERYONE = "everyone"


class Relation(StrEnum):
    """What the subject is to the viewer."""

    SELF = "self"
    TEAMMATE = "teammate"
    OTHER = "other"


class Action(StrEnum):
    """Everything that is asked for a right."""

    SEARCH_PLACES = "search places"
    SEE_COLLEAGUE = "see a colleague"
    SEE_COLLEAGUES = "look for colleagues"
    SEE_PROFILE = "see a profile"
    CHANGE_PROFILE = "change a profile"
    EXPORT_DATA = "export a person's data"
    FORGET = "forget a person"
    SEE_ROSTER = "see the roster"
    CHANGE_ROSTER = "change the roster"
    EXPORT_ROSTER = "export the roster"
    INVITE = "invite people"
    SEE_NAME_IN_PLAN = "see who is in a plan"
    PLAN = "plan meetups"
    CHANGE_VENUES = "change own venues"
    SEE_AUDIT = "see the audit"
    SET_ROLE = "set a role"
    END_SIGN_INS = "end somebody's sign-ins"
    RUN_SYSTEM = "look after the system"


ACTIONS: tuple[Action, ...] = tuple(Action)


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who acts, as the store knows them at this moment; ``team`` is empty for none.

    ``audience`` and ``paused`` say by whom they agreed to be seen, and whether that rests.
    """

    id: str
    role: Role
    team: str = ""
    audience: Audience = Audience.NOBODY
    paused: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom an action is about; ``team`` is empty for none.

    ``audience`` and ``paused`` say by whom they agreed to be seen, and whether that rests;
    ``planning`` whether planners may see their name and area.
    """

    id: str
    team: str = ""
    audience: Audience = Audience.NOBODY
    paused: bool = False
    planning: bool = False
    role: Role = Role.EMPLOYEE


def relation(viewer: Viewer, subject: Subject) -> Relation:
    """Return what the subject is to the viewer."""
    if viewer.id == subject.id:
        return Relation.SELF
    return Relation.TEAMMATE if viewer.team and viewer.team == subject.team else Relation.OTHER


def may_see(viewer: Viewer, action: Action, subject: Subject | None = None) -> bool:
    """Return whether somebody may do something, to somebody where it is about a person.

    What is always about somebody (a profile, a colleague) is refused without a subject.
    """
    return _RULES[action](viewer, subject)


def _is_visible_to(audience: Audience, paused: bool, is_teammate: bool) -> bool:
    if paused or audience is Audience.NOBODY:
        return False
    return audience is Audience.EVERYONE or is_teammate


def _see_each_other(viewer: Viewer, subject: Subject | None) -> bool:
    if subject is None:
        return False
    if (relationship := relation(viewer, subject)) is Relation.SELF:
        return True
    teammate = relationship is Relation.TEAMMATE
    return _is_visible_to(viewer.audience, viewer.paused, teammate) and _is_visible_to(
        subject.audience, subject.paused, teammate
    )


def _is_self(viewer: Viewer, subject: Subject | None) -> bool:
    return subject is not None and relation(viewer, subject) is Relation.SELF


def _anybody(_viewer: Viewer, _subject: Subject | None) -> bool:
    return True


def _is_visible(viewer: Viewer, _subject: Subject | None) -> bool:
    return not viewer.paused and viewer.audience is not Audience.NOBODY


def _at_least(role: Role) -> Callable[[Viewer, Subject | None], bool]:
    return lambda viewer, _subject: viewer.role.includes(role)


def _may_change(viewer: Viewer, subject: Subject | None) -> bool:
    """Let planners change the roster, but for those who may do more than they."""
    return viewer.role.includes(Role.PLANNER) and (
        subject is None or viewer.role.includes(subject.role)
    )


def _may_forget(viewer: Viewer, subject: Subject | None) -> bool:
    return subject is not None and (_is_self(viewer, subject) or _may_change(viewer, subject))


def _may_see_in_plan(viewer: Viewer, subject: Subject | None) -> bool:
    if subject is None:
        return False
    return _is_self(viewer, subject) or (viewer.role.includes(Role.PLANNER) and subject.planning)


def _not_own_role(viewer: Viewer, subject: Subject | None) -> bool:
    """Let nobody change their own role: the last admin cannot vanish by a slip."""
    return subject is not None and viewer.role is Role.ADMIN and viewer.id != subject.id


def _may_end_sign_ins(viewer: Viewer, subject: Subject | None) -> bool:
    return subject is not None and (_is_self(viewer, subject) or viewer.role is Role.ADMIN)


_RULES: Mapping[Action, Callable[[Viewer, Subject | None], bool]] = MappingProxyType(
    {
        Action.SEARCH_PLACES: _anybody,
        Action.SEE_COLLEAGUE: _see_each_other,
        Action.SEE_COLLEAGUES: _is_visible,
        Action.SEE_PROFILE: _is_self,
        Action.CHANGE_PROFILE: _is_self,
        Action.EXPORT_DATA: _is_self,
        Action.FORGET: _may_forget,
        Action.SEE_ROSTER: _at_least(Role.PLANNER),
        Action.CHANGE_ROSTER: _may_change,
        Action.EXPORT_ROSTER: _at_least(Role.PLANNER),
        Action.INVITE: _at_least(Role.PLANNER),
        Action.SEE_NAME_IN_PLAN: _may_see_in_plan,
        Action.PLAN: _at_least(Role.PLANNER),
        Action.CHANGE_VENUES: _at_least(Role.PLANNER),
        Action.SEE_AUDIT: _at_least(Role.ADMIN),
        Action.SET_ROLE: _not_own_role,
        Action.END_SIGN_INS: _may_end_sign_ins,
        Action.RUN_SYSTEM: _at_least(Role.ADMIN),
    }
)


def bands() -> tuple[int, ...]:
    """Return the upper ends of the bands in minutes, rising."""
    return tuple(read_table("homes")["bands"]["minutes"])


def band_of(travel_time_s: float) -> int | None:
    """Return the band that a drive lies in, in minutes; None beyond the last.

    Examples
    --------
    >>> [band_of(60.0 * minutes) for minutes in (0, 15, 15.1, 45, 61, float("inf"))]
    [15, 15, 30, 45, None, None]
    """
    if math.isnan(travel_time_s):
        return None
    return next((minutes for minutes in bands() if travel_time_s <= minutes * 60), None)


def band_label(minutes: int | None) -> str:
    """Return the words for a band.

    Examples
    --------
    >>> band_label(30), band_label(None)
    ('within 30 min', 'more than 60 min')
    """
    return f"more than {bands()[-1]} min" if minutes is None else f"within {minutes} min"


def count_label(count: int) -> str:
    """Return the words for a number of people who are not named.

    Examples
    --------
    >>> count_label(0), count_label(2), count_label(3)
    ('nobody', 'a few', '3')
    """
    if count == 0:
        return "nobody"
    return "a few" if count < read_table("homes")["bands"]["few"] else f"{count:,}"
