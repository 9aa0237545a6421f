"""The roster, plans, profiles and the audit, each by who may.

Unused areas go after their time; many at once, or by a clock that jumped, wait for an admin.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from geo.errors import ConflictError, InputError, NotAllowed, UnknownName
from geo.model import HomeArea, Place, Point
from geo.people import authorised, roster
from geo.people.admission import invite, new_person
from geo.people.authorised import now_utc, read_audit
from geo.people.homes import CONSENT_VERSION, find_area_of, remove_home, set_consent, set_home
from geo.people.plan_inputs import ANONYMOUS_PREFIX, demand_for_plan
from geo.people.preferences import Preferences, my_preferences, set_preferences
from geo.people.profile import export_my_data, forget, my_profile, rename
from geo.people.roster import (
    change_member,
    export_roster,
    find_member,
    find_unused_areas,
    list_roster,
    merge_people,
    possible_duplicates,
    purge,
    read_roster_page,
    resolve_unused_areas,
    set_role,
)
from geo.people.saved_plans import (
    alternative_places,
    delete_saved_plan,
    enter_attendance,
    move_meetup,
    my_plans,
    open_plan,
    save_meetup_plan,
)
from geo.privacy import Audience, Role
from geo.region import Region
from geo.store import Store, schema
from geo.store.audit import AuditFilter, Consent, give_consent, list_entries
from geo.store.people import (
    RosterFilter,
    add_people,
    change_person,
    count_areas,
    find_area,
    find_person,
    list_areas,
    list_names,
    set_areas,
)
from geo.store.plans import Plan, PlannedMeetup, Seat, minutes_driven

AS: dict[str, Callable[[Store], object]] = {
    "list_roster": lambda store: list_roster(store, "wren"),
    "export_roster": lambda store: export_roster(store, "wren"),
    "find_member": lambda store: find_member(store, "wren", "sol"),
    "change_member": lambda store: change_member(store, "wren", "wren", {"team": "Beacon"}),
    "set_role": lambda store: set_role(store, "wren", "wren", Role.ADMIN),
    "set_role by a planner": lambda store: set_role(store, "pat", "wren", Role.PLANNER),
    "own role": lambda store: set_role(store, "ada", "ada", Role.EMPLOYEE),
    "an admin's address": lambda store: change_member(store, "pat", "ada", {"email": "x@y.org"}),
    "an admin leaves": lambda store: change_member(store, "pat", "ada", {"status": "left"}),
    "merge into an admin": lambda store: merge_people(store, "pat", "ada", ["pat"]),
    "merge an admin away": lambda store: merge_people(store, "pat", "pat", ["ada"]),
    "forget an admin": lambda store: forget(store, "pat", "ada"),
    "possible_duplicates": lambda store: possible_duplicates(store, "wren"),
    "merge_people": lambda store: merge_people(store, "wren", "wren", ["sol"]),
    "forget another": lambda store: forget(store, "wren", "sol"),
    "forget nobody": lambda store: forget(store, "pat", "nobody"),
    "my_plans": lambda store: my_plans(store, "wren"),
    "open_plan": lambda store: open_plan(store, "wren", "x"),
    "attendance": lambda store: enter_attendance(store, "wren", Plan("county", "x", {}), "x", {}),
    "read_audit": lambda store: read_audit(store, "wren"),
    "read_audit by a planner": lambda store: read_audit(store, "pat"),
    "profile of nobody": lambda store: my_profile(store, "nobody"),
}


@pytest.mark.parametrize("what", AS)
def test_who_may_not_is_refused_and_written_down(local_crew: Store, what: str) -> None:
    with pytest.raises(NotAllowed, match="you may not"):
        AS[what](local_crew)
    (entry,) = read_audit(local_crew, "ada").entries
    assert not entry.allowed


def test_a_planner_sees_areas_of_those_who_allow_it(crew: Store) -> None:
    members = {one.person.name: one for one in list_roster(crew, "pat")}
    assert {name for name, one in members.items() if one.area} == {"Ada", "Pat", "Sol", "Wren"}
    assert all(one.has_area for one in members.values())
    exported = {row["name"]: row for row in export_roster(crew, "pat")}
    assert exported["Kit"]["area"] == exported["Kit"]["lat"] == ""
    assert exported["Wren"]["area"] == "Ombrelby Mills"


def test_the_roster_is_searched_and_cut_in_the_database(crew: Store) -> None:
    def names(wanted: RosterFilter, **cut: int) -> list[str]:
        page = read_roster_page(crew, "pat", wanted, **{"limit": 50, **cut})
        assert page.total >= len(page.members)
        return [one.person.name for one in page.members]

    change_member(crew, "pat", "kit", {"name": "Zoë 50%_'\"\\ <b>", "status": "left"})
    page = read_roster_page(crew, "pat", limit=2, offset=2)
    assert ([one.person.name for one in page.members], page.total) == (["Pat", "Sol"], 6)
    assert (page.teams, page.numbers.people, page.numbers.with_area) == (("Atlas", "Beacon"), 6, 6)
    assert (page.numbers.shown, page.numbers.planned) == (4, 3)
    assert page.numbers.by_status == {"active": 5, "left": 1}
    assert names(RosterFilter("WREN@example")) == ["Wren"]
    assert names(RosterFilter("r-so")) == ["Sol"]
    assert names(RosterFilter(team="Beacon")) == ["Pat", "Sol"]
    assert names(RosterFilter("a", status="active", team="Atlas"), limit=1) == ["Ada"]
    for text in ("zoë", "Zoë", "50%_", "'\"\\", "<b>"):
        assert names(RosterFilter(text)) == ["Zoë 50%_'\"\\ <b>"], text
    assert names(RosterFilter("%")) == ["Zoë 50%_'\"\\ <b>"]
    assert names(RosterFilter("x' OR '1'='1")) == []
    shown = {one.person.id: one.area for one in read_roster_page(crew, "pat", limit=9).members}
    assert shown["moe"] is None  # allows no planning
    assert shown["wren"] is not None
    with pytest.raises(NotAllowed):
        read_roster_page(crew, "wren", limit=50)


def test_members_are_changed_but_for_what_is_somebody_elses(crew: Store) -> None:
    change_member(crew, "pat", "kit", {"name": " Kit\tB. ", "team": ""})
    change_member(crew, "ada", "kit", {"email": "K@example.org"})
    person = find_member(crew, "pat", "k@EXAMPLE.org")
    assert (person.name, person.team) == ("Kit B.", "")
    with pytest.raises(InputError, match="somebody else"):
        change_member(crew, "ada", "kit", {"email": "sol@example.org"})
    with pytest.raises(UnknownName):
        change_member(crew, "pat", "kit", {"status": "boss"})
    with pytest.raises(InputError, match="nobody on the roster"):
        find_member(crew, "pat", "kit@example.org")
    set_role(crew, "ada", "kit", Role.PLANNER)
    assert find_member(crew, "kit", "r-kit").role == "planner"


@pytest.mark.parametrize("email", ["pat.too@example.net", ""])
def test_who_will_sign_in_as_somebody_is_not_a_planners_to_decide(crew: Store, email: str) -> None:
    with pytest.raises(NotAllowed, match="ask an admin"):
        change_member(crew, "pat", "kit", {"email": email, "team": "Beacon"})
    person = find_member(crew, "pat", "kit@example.org")
    assert (person.id, person.team) == ("kit", "Atlas")
    (refused,) = read_audit(crew, "ada", AuditFilter(allowed=False)).entries
    assert (refused.actor_id, refused.subject_id) == ("pat", "kit")
    with crew.atomic() as db:
        change_person(db, "kit", subject="issuer|kit")
    change_member(crew, "pat", "kit", {"email": "kit.b@example.org"})  # the account decides by now
    assert find_member(crew, "pat", "kit.b@example.org").id == "kit"


def test_a_planner_gives_an_address_to_who_has_none(crew: Store) -> None:
    with crew.atomic() as db:
        add_people(db, [new_person("Fen")])
        fen = next(key for key, name in list_names(db) if name == "Fen")
    change_member(crew, "pat", fen, {"email": "fen@example.org"})
    assert find_member(crew, "pat", "fen@example.org").id == fen


@pytest.mark.parametrize(
    "address",
    [f"{name}@example.org" for name in ("\u212ait", "k\u0131t", "\uff4bit", "\u017fol")],
)
def test_an_address_that_folds_to_anothers_is_refused(crew: Store, address: str) -> None:
    with pytest.raises(InputError, match="letters that look like others"):
        change_member(crew, "ada", "moe", {"email": address})
    with pytest.raises(InputError, match="letters that look like others"):
        invite(crew, "pat", [address], days=1)


@pytest.mark.parametrize("keep", ["kit", "alt", "pat"])
def test_what_is_kept_of_somebody_goes_to_nobody_else_by_a_merge(crew: Store, keep: str) -> None:
    with crew.atomic() as db:
        add_people(db, [replace(new_person("Kit", email="pat.too@example.net"), id="alt")])
    drop = "alt" if keep == "kit" else "kit"
    with pytest.raises(NotAllowed, match="ask an admin"):
        merge_people(crew, "pat", keep, [drop])
    with crew.read() as db:
        assert find_person(db, drop) is not None
    if keep != "pat":
        merge_people(crew, "ada", keep, [drop])


def test_two_rows_of_one_person_are_merged(crew: Store, county: Region) -> None:
    with crew.atomic() as db:
        twin = new_person("Wrén", team="Atlas", reference="r-2")
        add_people(db, [twin])
        area = find_area(db, "sol")
        assert area is not None
        set_areas(db, {twin.id: area.area}, region="county", now=now_utc())
    ((first, second),) = possible_duplicates(crew, "pat")
    assert {first.id, second.id} == {"wren", twin.id}
    merge_people(crew, "pat", twin.id, ["wren"])
    person = find_member(crew, "pat", "wren@example.org")
    assert (person.id, person.reference, person.planning) == (twin.id, "r-2", False)
    assert possible_duplicates(crew, "pat") == []
    with crew.atomic() as db:
        change_person(db, twin.id, subject="issuer|1")
        change_person(db, "sol", subject="issuer|2")
    with pytest.raises(InputError, match="different people"):
        merge_people(crew, "pat", twin.id, ["sol"])


@pytest.mark.parametrize("decided", ["themselves", "by signing in", "never"])
def test_an_area_is_not_read_by_merging_its_owner_into_somebody_who_is_vouched_for(
    crew: Store, county: Region, decided: str
) -> None:
    """The attack: make up somebody without an area, vouch for them, and merge the victim in."""
    with crew.atomic() as db:
        subject = "issuer|ivy" if decided == "by signing in" else None
        victim = replace(new_person("Ivy"), subject=subject)
        bait = replace(new_person("Ivy"), planning=True, audience="everyone")
        add_people(db, [victim, bait])
        give_consent(db, Consent(bait.id, now_utc(), CONSENT_VERSION, "everyone", True, False,
                                 "roster"))  # fmt: skip
        kit = find_area(db, "kit")
        assert kit is not None
        set_areas(db, {victim.id: kit.area}, region="county", now=now_utc())
    if decided == "themselves":
        set_consent(crew, victim.id, audience=Audience.NOBODY, planning=False)
    merge_people(crew, "pat", bait.id, [victim.id])
    member = next(one for one in list_roster(crew, "pat") if one.person.id == bait.id)
    assert (member.area, member.has_area) == (None, True)
    assert bait.id not in demand_for_plan(crew, "pat", county).names
    assert (member.person.audience, member.person.planning) == ("nobody", False)


def add_strangers(
    store: Store, area: HomeArea, count: int, *, signed_in: bool, prefix: str = "s"
) -> list[str]:
    """Enter people who do not allow planning, all of one area."""
    strangers = [
        replace(
            new_person(f"Stranger {number}"),
            id=f"{prefix}{number}",
            subject=f"issuer|{prefix}{number}" if signed_in else None,
        )
        for number in range(count)
    ]
    with store.atomic() as db:
        add_people(db, strangers)
        set_areas(db, {one.id: area for one in strangers}, region="county", now=now_utc())
    return [one.id for one in strangers]


def area_of(store: Store, person_id: str) -> HomeArea:
    with store.read() as db:
        found = find_area(db, person_id)
    assert found is not None
    return found.area


def nameless_areas(store: Store, region: Region, day: date | None = None) -> list[str]:
    """Return what a planner learns of nameless people: their areas."""
    demand = demand_for_plan(store, "pat", region, day=day)
    return [demand.areas[one.id].id for one in demand.people if one.id.startswith(ANONYMOUS_PREFIX)]


def test_a_plan_takes_names_of_those_who_allow_it(local_crew: Store, county: Region) -> None:
    demand = demand_for_plan(local_crew, "pat", county)
    # Kit and Moe do not allow it, and two could be told apart by elimination.
    assert (set(demand.names), demand.left_out) == ({"ada", "pat", "sol", "wren"}, 2)
    area = area_of(local_crew, "moe")
    add_strangers(local_crew, area, 5, signed_in=True)
    demand = demand_for_plan(local_crew, "pat", county)
    assert (len(demand.people), demand.left_out) == (10, 1)  # Kit has an area of their own
    nameless = [one for one in demand.people if one.id.startswith(ANONYMOUS_PREFIX)]
    assert len(nameless) == 6
    assert {demand.areas[one.id].id for one in nameless} == {area.id}
    shown = json.dumps([[one.id, one.team, *demand.areas[one.id].id] for one in nameless])
    assert not any(word in shown for word in ("kit", "moe", "Atlas", "Stranger"))


def test_people_whom_a_planner_made_up_cover_nobody(local_crew: Store, county: Region) -> None:
    """The attack: enter people into every area that somebody may live in, and look at the plan."""
    area = area_of(local_crew, "kit")
    add_strangers(local_crew, area, 30, signed_in=False)
    assert nameless_areas(local_crew, county) == []
    add_strangers(local_crew, area, 4, signed_in=True, prefix="t")
    assert nameless_areas(local_crew, county) == []
    add_strangers(local_crew, area, 1, signed_in=True, prefix="u")
    assert set(nameless_areas(local_crew, county)) == {area.id}


def test_signed_in_people_of_other_areas_cover_nobody(local_crew: Store, county: Region) -> None:
    add_strangers(local_crew, area_of(local_crew, "sol"), 3, signed_in=True)
    add_strangers(local_crew, area_of(local_crew, "moe"), 3, signed_in=True, prefix="t")
    assert nameless_areas(local_crew, county) == []


def test_the_day_tells_nothing_of_who_is_nameless(local_crew: Store, county: Region) -> None:
    """Who knows that somebody is away would see their area shrink on that day."""
    ids = add_strangers(local_crew, area_of(local_crew, "moe"), 6, signed_in=True)
    away = Preferences(away=((date(2026, 5, 1), date(2026, 5, 9)),))
    for one in ids[:4]:
        set_preferences(local_crew, one, away)
    whole = nameless_areas(local_crew, county)
    assert len(whole) == 7
    for day in (date(2026, 5, 4), date(2026, 6, 4)):
        demand = demand_for_plan(local_crew, "pat", county, day=day)
        assert nameless_areas(local_crew, county, day) == whole
        assert (demand.away, demand.resting) == (0, 0)


def test_what_people_want_binds_a_plan(local_crew: Store, county: Region) -> None:
    wanted = Preferences(
        group_size="small",
        kinds=("library",),
        step_free=True,
        longest_min=30,
        longest_dark_min=0,
        avoids_unpaved=True,
        away=((date(2026, 5, 1), date(2026, 5, 9)),),
    )
    set_preferences(local_crew, "sol", wanted)
    assert my_preferences(local_crew, "sol") == wanted
    demand = demand_for_plan(local_crew, "pat", county)
    (sol,) = (one for one in demand.people if one.id == "sol")
    assert (sol.longest_s, sol.daylight, sol.team) == (1800.0, True, "Beacon")
    assert sol.conditions is not None
    assert sol.conditions.name == "mud"
    steps = Place("n1", None, "library", Point(0, 0), {"wheelchair": "no"})
    cafe, library = (Place(f"n{n}", None, kind, Point(0, 0)) for n, kind in
                     ((2, "cafe"), (3, "library")))  # fmt: skip
    assert demand.vetoes([steps, cafe, library]) == (("sol", "n1"), ("sol", "n2"))
    assert demand.usual_sizes() == (2, 5)
    gone = demand_for_plan(local_crew, "pat", county, day=date(2026, 5, 4))
    assert ("sol" in gone.names, gone.away) == (False, 1)


@pytest.mark.parametrize(
    "values",
    [{"group_size": "huge"}, {"kinds": ("casino",)}, {"longest_min": -1}, {"longest_dark_min": 999},
     {"away": ((date(2026, 5, 2), date(2026, 5, 1)),)}, {"mood": "<script>"}],
)  # fmt: skip
def test_wishes_that_are_none_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(InputError):
        Preferences(**values)  # type: ignore[arg-type]


def test_plans_are_kept_with_people_who_are_there(crew: Store) -> None:
    seats = (Seat("wren", 600.0), Seat("someone-1", 900.0), Seat("gone", 1.0))
    plan = Plan("county", "Spring", {}, (PlannedMeetup({"osm_id": "n1"}, seats),))
    kept = save_meetup_plan(crew, "pat", plan)
    assert kept.meetups[0].seats == (Seat("wren", 600.0), Seat(None), Seat(None))
    assert [one.id for one in my_plans(crew, "pat")] == [kept.id]
    entered = enter_attendance(crew, "pat", kept, kept.meetups[0].id, {"wren": True})
    with crew.read() as db:
        assert minutes_driven(db) == {"wren": 10.0}
    assert (entered, entered.version) == (open_plan(crew, "ada", kept.id), 2)
    with pytest.raises(ConflictError):
        enter_attendance(crew, "ada", kept, kept.meetups[0].id, {"wren": False})
    with pytest.raises(ConflictError):
        save_meetup_plan(crew, "pat", kept)
    with pytest.raises(ConflictError):
        delete_saved_plan(crew, "pat", kept)
    delete_saved_plan(crew, "pat", open_plan(crew, "pat", kept.id))
    assert my_plans(crew, "pat") == []


def test_a_meetup_moves_to_a_place_that_all_can_reach(local_crew: Store, county: Region) -> None:
    set_preferences(local_crew, "sol", Preferences(kinds=("library",), step_free=True))
    first = next(one for one in county.places if one.kind == "library" and one.name)
    place = {"osm_id": first.osm_id, "name": first.name, "kind": "library", "lat": 47.0, "lon": 1.0}
    seats = (Seat("wren", 1.0, True), Seat("sol", 2.0), Seat(None))
    meetup = PlannedMeetup(place, seats, "2026-05-04T10:00")
    kept = save_meetup_plan(local_crew, "pat", Plan("county", "Spring", {}, (meetup,)))
    with pytest.raises(NotAllowed):
        alternative_places(local_crew, "wren", county, kept, kept.meetups[0])
    found = alternative_places(local_crew, "pat", county, kept, kept.meetups[0])
    assert {one.place.kind for one in found} == {"library"}  # as Sol wants it
    assert first.osm_id not in [one.place.osm_id for one in found]
    assert [one.total_s for one in found] == sorted(one.total_s for one in found)
    best = found[0]
    assert [seat.person_id for seat in best.seats] == ["wren", "sol", None]
    assert best.seats[0].attended
    drives = [seat.travel_time_s or 0 for seat in best.seats[:2]]
    assert (best.worst_s, best.total_s) == (max(drives), sum(drives))
    set_consent(local_crew, "sol", audience=Audience.NOBODY, planning=False)
    (nearest, *_) = alternative_places(local_crew, "pat", county, kept, kept.meetups[0])
    assert [seat.travel_time_s is None for seat in nearest.seats] == [False, True, True]
    there = move_meetup(kept.meetups[0], best)
    saved = save_meetup_plan(local_crew, "pat", replace(kept, meetups=(there,)))
    assert (saved.version, saved.meetups[0].status) == (2, "changed")
    assert saved.meetups[0].place["osm_id"] == best.place.osm_id
    assert saved.meetups[0].id == kept.meetups[0].id


def test_somebody_sees_takes_and_deletes_all_that_is_kept_of_them(
    crew: Store, county: Region
) -> None:
    seats = (Seat("wren", 600.0), Seat("sol", 60.0))
    plan = Plan("county", "Spring", {}, (PlannedMeetup({"name": "Nimble"}, seats),))
    kept = save_meetup_plan(crew, "pat", plan)
    rename(crew, "wren", "Wren W.")
    set_home(crew, "wren", county, find_area_of(county, "Bracklecombe", k=20).point, k=20)
    set_consent(crew, "wren", audience=Audience.TEAM, planning=False)
    data = json.loads(json.dumps(export_my_data(crew, "wren")))
    assert data["person"]["name"] == "Wren W."
    assert data["home_area"]["area"]["label"] == "Bracklecombe"
    assert [one["audience"] for one in data["consents"]] == ["everyone", "team"]
    assert data["consents"][0]["text"].startswith("Colleagues whom I let see me")
    assert "sol" not in json.dumps(data["meetups"])  # an attendee sees their own drive alone
    remove_home(crew, "wren")
    assert my_profile(crew, "wren").area is None
    forget(crew, "wren", "wren")
    with crew.read() as db:
        for table in schema.metadata.sorted_tables:
            rows = [str(tuple(row)) for row in db.all(select(table))]
            # The audit holds that it was done, and to which random id.
            assert table.name == "audit" or not any("wren" in row.casefold() for row in rows)
    assert open_plan(crew, "pat", kept.id).meetups[0].seats == (Seat(None), Seat("sol", 60.0))
    with pytest.raises(NotAllowed):
        my_profile(crew, "wren")


def test_a_place_that_the_region_does_not_know_is_not_repeated(county: Region) -> None:
    with pytest.raises(InputError) as refused:
        find_area_of(county, "17 Zzyzzyx Street", k=20)
    assert "Zzyzzyx" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("https://maps.app.goo.gl/AbCdEf", "shortened link"),
        ("https://www.openstreetmap.org/node/18375341", "names an object of OpenStreetMap"),
        ("92.6712, -86.7523", "no position on Earth"),
    ],
)
def test_what_is_wrong_with_a_link_or_position_is_said_and_not_repeated(
    county: Region, text: str, message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        find_area_of(county, text, k=20)
    assert not any(part in str(refused.value) for part in ("AbCdEf", "18375341", "92.6", "86.7"))


def test_areas_that_nobody_uses_are_deleted(crew: Store) -> None:
    assert purge(crew, area_days=30).areas == 0
    with crew.atomic() as db:
        area = find_area(db, "moe")
        assert area is not None
        old = now_utc() - timedelta(days=31)
        set_areas(db, {"moe": area.area}, region="county", now=old)
    assert purge(crew, area_days=30).areas == 1
    with crew.read() as db:
        assert find_area(db, "moe") is None
        assert find_area(db, "sol") is not None


START = datetime(2026, 5, 4, 10, tzinfo=UTC)
AREA = HomeArea("n1", "Exton", "settlement", Point(-0.63, 52.69), 1200.0, 46)
DAYS = 30


class Clock:
    """A clock that the test turns."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = START
        for module in (roster, authorised):
            monkeypatch.setattr(module, "now_utc", lambda: self.now)

    def turn(self, days: float) -> None:
        self.now += timedelta(days=days)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def enter(store: Store, count: int, used_at: datetime, prefix: str = "p") -> None:
    """Enter people whose areas were used at a moment."""
    ids = [f"{prefix}{number}" for number in range(count)]
    with store.atomic() as db:
        add_people(
            db, [replace(new_person(one, email=f"{one}@example.org"), id=one) for one in ids]
        )
        set_areas(db, dict.fromkeys(ids, AREA), region="rutland", now=used_at)


def add_admin(store: Store) -> None:
    admin = new_person("Ada", email="ada@example.org", role=Role.ADMIN, status="active")
    planner = new_person("Pat", email="pat@example.org", role=Role.PLANNER, status="active")
    with store.atomic() as db:
        add_people(db, [replace(admin, id="ada"), replace(planner, id="pat")])


def areas_of(store: Store) -> int:
    with store.read() as db:
        return count_areas(db)


def run_daily(store: Store, clock: Clock, days: int) -> None:
    for _ in range(days):
        purge(store, area_days=DAYS)
        clock.turn(1)


def test_a_few_go_by_themselves(store: Store, clock: Clock) -> None:
    enter(store, 5, START)
    enter(store, 60, START + timedelta(days=25), "q")
    run_daily(store, clock, 32)
    assert areas_of(store) == 60


def test_a_clock_that_jumps_deletes_nothing_by_itself(store: Store, clock: Clock) -> None:
    enter(store, 8, START)  # few, so that the jump alone is what stops it
    purge(store, area_days=DAYS)
    clock.turn(400)
    for _ in range(3):
        assert purge(store, area_days=DAYS).waiting == 8
        clock.turn(1)
    clock.turn(-403)
    assert purge(store, area_days=DAYS).waiting == 0
    assert areas_of(store) == 8


def test_many_at_once_wait_for_an_admin(store: Store, clock: Clock) -> None:
    add_admin(store)
    enter(store, 12, START)
    enter(store, 100, START + timedelta(days=20), "q")
    run_daily(store, clock, 32)
    found = find_unused_areas(store, "ada", area_days=DAYS)
    assert (found.waiting, found.total, areas_of(store)) == (12, 112, 112)
    with pytest.raises(NotAllowed):
        resolve_unused_areas(store, "pat", area_days=DAYS, keep=False)
    assert resolve_unused_areas(store, "ada", area_days=DAYS, keep=False) == 12
    assert areas_of(store) == 100
    assert purge(store, area_days=DAYS).waiting == 0
    with store.read() as db:
        entry = next(one for one in list_entries(db) if one.action == roster.RETENTION)
        assert (entry.actor_id, entry.detail) == ("ada", {"areas": 12})


def test_an_admin_may_keep_them(store: Store, clock: Clock) -> None:
    add_admin(store)
    enter(store, 12, START)
    run_daily(store, clock, 32)
    assert resolve_unused_areas(store, "ada", area_days=DAYS, keep=True) == 12
    assert find_unused_areas(store, "ada", area_days=DAYS).waiting == 0
    with store.read() as db:
        assert {one.used_at for one in list_areas(db).values()} == {clock.now}
    run_daily(store, clock, 29)
    assert areas_of(store) == 12
