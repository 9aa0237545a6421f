"""The whole table of who may do what to whom, written out; every case of it is asked."""

from __future__ import annotations

from itertools import product

import pytest

from geo.privacy import ACTIONS, Action, Audience, Relation, Role, Subject, Viewer, may_see

# For each action: what employee, planner and admin may, each to themselves, a teammate, another.
#   +  always   -  never   m  where both show themselves   p  where the other allows planning
#   s  where the one who looks shows themselves
TABLE = {
    Action.SEARCH_PLACES: "+++ +++ +++",
    Action.SEE_COLLEAGUE: "+mm +mm +mm",
    Action.SEE_COLLEAGUES: "sss sss sss",
    Action.SEE_PROFILE: "+-- +-- +--",
    Action.CHANGE_PROFILE: "+-- +-- +--",
    Action.EXPORT_DATA: "+-- +-- +--",
    Action.FORGET: "+-- +++ +++",
    Action.SEE_ROSTER: "--- +++ +++",
    Action.CHANGE_ROSTER: "--- +++ +++",
    Action.EXPORT_ROSTER: "--- +++ +++",
    Action.INVITE: "--- +++ +++",
    Action.SEE_NAME_IN_PLAN: "+-- +pp +pp",
    Action.PLAN: "--- +++ +++",
    Action.CHANGE_VENUES: "--- +++ +++",
    Action.SEE_AUDIT: "--- --- +++",
    Action.SET_ROLE: "--- --- -++",
    Action.END_SIGN_INS: "+-- +-- +++",
    Action.RUN_SYSTEM: "--- --- +++",
}
RELATIONS = tuple(Relation)
SHOWING = tuple(product(Audience, (False, True)))


def shows(audience: Audience, paused: bool, relation: Relation) -> bool:
    if paused:
        return False
    return audience == "everyone" or (audience == "team" and relation is Relation.TEAMMATE)


def test_every_action_is_in_the_table() -> None:
    assert set(TABLE) == set(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_case(action: Action) -> None:
    for role_at, role in enumerate(Role):
        for relation_at, relation in enumerate(RELATIONS):
            rule = TABLE[action].split()[role_at][relation_at]
            for (mine, paused), (theirs, rests), planning in product(
                SHOWING, SHOWING, (False, True)
            ):
                viewer = Viewer("me", role, "Atlas", mine, paused)
                subject = Subject(
                    "me" if relation is Relation.SELF else "you",
                    "Beacon" if relation is Relation.OTHER else "Atlas",
                    theirs,
                    rests,
                    planning,
                )
                expected = {
                    "+": True,
                    "-": False,
                    "m": shows(mine, paused, relation) and shows(theirs, rests, relation),
                    "p": planning,
                    "s": not paused and mine != "nobody",
                }[rule]
                assert may_see(viewer, action, subject) == expected, (role, relation, viewer)


ABOUT_SOMEBODY = frozenset(
    {
        Action.SEE_COLLEAGUE,
        Action.SEE_PROFILE,
        Action.CHANGE_PROFILE,
        Action.EXPORT_DATA,
        Action.FORGET,
        Action.SEE_NAME_IN_PLAN,
        Action.SET_ROLE,
        Action.END_SIGN_INS,
    }
)


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_about_somebody_is_refused_without(action: Action) -> None:
    admin = Viewer("me", Role.ADMIN, "Atlas", Audience.EVERYONE)
    assert may_see(admin, action) == (action not in ABOUT_SOMEBODY)


@pytest.mark.parametrize("action", [Action.CHANGE_ROSTER, Action.FORGET])
def test_nobody_changes_who_may_do_more(action: Action) -> None:
    for mine, theirs in product(Role, Role):
        expected = mine is not Role.EMPLOYEE and mine.includes(theirs)
        assert may_see(Viewer("me", mine), action, Subject("you", role=theirs)) == expected
    assert may_see(Viewer("me", Role.ADMIN), action, Subject("me", role=Role.ADMIN))


def test_two_without_a_team_are_no_teammates() -> None:
    viewer = Viewer("me", Role.EMPLOYEE, "", Audience.TEAM)
    assert not may_see(viewer, Action.SEE_COLLEAGUE, Subject("you", "", Audience.TEAM))
