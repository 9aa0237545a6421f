"""Tables of staff: good rows in, bad rows told, and nothing of a home kept or said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from geo.cli import main
from geo.errors import CrossroadsError, InputError, UnmappedColumns
from geo.files import table_path
from geo.model import HomeArea, Point
from geo.people.admission import LOCAL_ID, local_viewer, new_person
from geo.people.authorised import now_utc, read_audit
from geo.people.colleagues import nearby_colleagues
from geo.people.homes import find_area_of, set_home
from geo.people.plan_inputs import demand_for_plan
from geo.people.profile import export_my_data
from geo.people.roster import export_roster, list_roster
from geo.people.roster_import import StaffTable, commit_import, preview_import
from geo.people.sample import ensure_sample_people, enter_sample_people
from geo.privacy import Role
from geo.records import Upload
from geo.region import Region
from geo.store import Store, schema
from geo.store.audit import list_consents
from geo.store.backup import back_up
from geo.store.people import (
    AREA_SOURCES,
    AreaSource,
    StoredArea,
    add_people,
    change_person,
    count_people,
    delete_area,
    find_person_by,
    list_areas,
    set_areas,
)

Write = Callable[[str], Path]


def test_new_people_are_entered_and_known_ones_changed(
    crew: Store, county: Region, table: Write
) -> None:
    path = table(
        "id,name,email,team,town,planning\n"
        "r-wren,Wren,,Compass,Bracklecombe,yes\n"
        ",Fen,fen@example.org,Atlas,Ivelcombe,yes\n"
        "9,Hal,,,,\n"
    )
    preview = preview_import(crew, "pat", county, path, k=20)
    assert (preview.new, preview.changed, preview.problems) == (2, 1, ())
    assert len(list_roster(crew, "pat")) == 6  # looking changes nothing
    result = commit_import(crew, "pat", preview)
    assert (result.new, result.changed) == (2, 1)
    members = {one.person.name: one for one in list_roster(crew, "pat")}
    assert members["Wren"].person.team == "Compass"
    assert members["Wren"].person.audience == "everyone"  # what she said stays
    assert members["Wren"].area is not None
    assert members["Wren"].area.label == "Bracklecombe"
    fen = members["Fen"].person
    assert (fen.planning, fen.audience, fen.status) == (True, "nobody", "listed")
    with crew.read() as db:
        assert [one.source for one in list_consents(db, fen.id)] == ["roster"]
    assert not members["Hal"].person.planning
    assert not members["Hal"].has_area


def test_no_table_gives_an_admin_the_address_to_sign_in_by(
    local_crew: Store, county: Region, table: Write
) -> None:
    boss = replace(new_person("Boss", role=Role.ADMIN), reference="r-boss")
    with local_crew.atomic() as db:
        add_people(db, [boss])
    path = table("id,email,team\nr-boss,boss@example.org,Atlas\n")
    for actor, email in (("pat", None), ("ada", "boss@example.org")):
        commit_import(local_crew, actor, preview_import(local_crew, actor, county, path, k=20))
        members = {one.person.id: one.person for one in list_roster(local_crew, "ada")}
        assert (members[boss.id].email, members[boss.id].team) == (email, "Atlas")


def test_an_import_leaves_the_area_a_signed_in_person_chose_alone(
    crew: Store, county: Region, table: Write
) -> None:
    with crew.atomic() as db:
        for one in ("wren", "sol", "moe"):
            change_person(db, one, subject=f"issuer|{one}")
        delete_area(db, "moe")
    path = table("id,town\nr-wren,Bracklecombe\nr-kit,Bracklecombe\nr-moe,Bracklecombe\n")
    preview = preview_import(crew, "pat", county, path, k=20)
    assert (preview.changed, preview.same, preview.unseen, preview.own) == (0, 2, 1, 2)
    commit_import(crew, "pat", preview)
    with crew.read() as db:
        areas = {key: one.area.label for key, one in list_areas(db).items()}
    assert areas["wren"] == "Ombrelby Mills"  # what she chose
    assert "moe" not in areas  # who took it back
    assert areas["kit"] == "Bracklecombe"


def test_an_import_after_an_update_of_the_map_makes_no_second_area(
    local_crew: Store, county: Region, table: Write
) -> None:
    """Another k stands for another map: the areas around a home are others."""
    lat, lon = HOME
    path = table(f"id,lat,lon\nq,{lat},{lon}\n")
    seen = []
    for k in (200, 20, 5, 200):
        preview = preview_import(local_crew, "pat", county, path, k=k)
        commit_import(local_crew, "pat", preview)
        with local_crew.read() as db:
            person = find_person_by(db, "reference", "q")
            assert person is not None
            seen.append(list_areas(db)[person.id].area)
    assert len(set(seen)) == 1
    assert seen[0].homes >= 200


def test_bad_rows_are_told_without_what_they_hold(
    local_crew: Store, county: Region, table: Write
) -> None:
    path = table(
        "id,name,email,town,lat,lon,weight\n"
        "1,Secretname,nomail,Bracklecombe,,,\n"
        "2,Secretname,,Secretville,,,\n"
        "3,Secretname,,,47.0123456,5.6543210,\n"
        "4,Secretname,,Bracklecombe,,,heavy\n"
        ",,,Bracklecombe,,,\n"
        "6,Secretname,a@example.org,Bracklecombe,,,\n"
        "6,Secretname,,Bracklecombe,,,\n"
        "7,Secretname,A@example.org,Bracklecombe,,,\n"
        "8,S\ufffdcretname,,Bracklecombe,,,\n"
        f"9,{'x' * 1_000_000},,Bracklecombe,,,\n"
        "10,Secretname,,Bracklecombe,,,\n"
    )
    preview = preview_import(local_crew, "pat", county, path, k=20)
    assert [row.reference for row in preview.rows] == ["6", "10"]
    lines = [problem.split(":")[0] for problem in preview.problems]
    assert lines == [f"staff.csv, line {line}" for line in (2, 3, 4, 5, 6, 8, 9, 10, 11)]
    assert preview.duplicates == ("lines 7, 12 have the same name and area; all are kept.",)
    messages = " ".join((*preview.problems, *preview.duplicates))
    assert not any(word in messages for word in ("Secret", "0123", "6543", "a@", "heavy"))
    assert len(messages) < 2000


@pytest.mark.parametrize(
    "content",
    [b"", b"\0\1\2\3" * 99, b"id,name\n\"a", b"id;name;name\n", b"name,town\nWren,Exton\n",
     b"\xff\xfei\0d\0\x00\xd8", b"id\n1\n", b"PK\x03\x04"],
)  # fmt: skip
def test_what_is_no_table_is_refused(local_crew: Store, county: Region, content: bytes) -> None:
    for name in ("staff.csv", "staff.xlsx"):
        with pytest.raises(InputError, match="staff"):
            preview_import(local_crew, "pat", county, Upload(name, content), k=20)


def test_formulas_scripts_and_sql_are_names_like_others(
    crew: Store, county: Region, table: Write
) -> None:
    nasty = ["=1+1", "<script>alert(1)</script>", "'); DROP TABLE people; --", "{{7*7}}", "%s"]
    rows = "".join(f'{number},"{name}","{name}"\n' for number, name in enumerate(nasty))
    preview = preview_import(crew, "pat", county, table(f"id,name,team\n{rows}"), k=20)
    commit_import(crew, "pat", preview)
    names = {one.person.name for one in list_roster(crew, "pat")}
    assert set(nasty) <= names


HOME = (47.164233, -86.795573)
PLANTED = ("29 Velm Ledge Road", "Velm Ledge", "47.16423", "86.79557", "00306", "86.7955")


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> Callable[[], str]:
    """Return a function that returns all that was logged and printed."""
    caplog.set_level(logging.DEBUG)

    def collect() -> str:
        captured = capsys.readouterr()
        return f"{caplog.text}{captured.out}{captured.err}"

    return collect


@pytest.fixture
def here(store: Store, store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """Return a store that commands use too."""
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CROSSROADS_DATABASE_URL", store_url)
    return store


def test_no_byte_that_is_written_holds_a_home(
    here: Store, county: Region, table: Write, tmp_path: Path, said: Callable[[], str]
) -> None:
    """Everything is done with one home, and every byte of what that leaves is searched for it."""
    store = here
    assert ensure_sample_people(store, county, table_path("sample") / "roster.csv", k=20)
    lat, lon = HOME
    written = table(
        "id,name,planning,address,postcode,lat,lon\n"
        f"q,Dov,yes,{PLANTED[0]},{PLANTED[4]},{lat},{lon}\n"
        f"r,Dov,yes,,,{lat},{lon + 50}\n"
        f"s,Dov,yes,{PLANTED[0]} Nowhere,,,\n"
        f"t,Dov,yes,,,{lat}x,{lon}\n"
    ).rename(tmp_path / "given.csv")
    preview = preview_import(store, LOCAL_ID, county, written, k=20)
    commit_import(store, LOCAL_ID, preview)
    sent: list[object] = [preview]
    for text in (PLANTED[0], f"{lat},{lon}"):
        set_home(store, LOCAL_ID, county, county.gazetteer.search(text, limit=1)[0].point, k=20)
        for wrong in (f"{text} Zzyzx", f"{lat},{lon + 40}"):
            try:
                sent.append(find_area_of(county, wrong, k=20))
            except CrossroadsError as error:
                sent.append(str(error))
    sent += [
        nearby_colleagues(store, LOCAL_ID, county),
        demand_for_plan(store, LOCAL_ID, county),
        export_roster(store, LOCAL_ID),
        export_my_data(store, LOCAL_ID),
        read_audit(store, LOCAL_ID),
    ]
    back_up(store, tmp_path / "backup.zip")
    with store.read() as db:
        sent += [db.all(sa.select(one)) for one in schema.metadata.sorted_tables]
    assert main(["roster", "list"]) == 0
    assert main(["roster", "export"]) == 0
    store.scrub()
    text = "\n".join([*map(repr, sent), said()])
    assert "Linnet Four Corners" in text  # the area is told
    assert [one for one in PLANTED if one in text] == []
    for path in tmp_path.rglob("*"):
        if path.is_file() and path.name != "given.csv":
            data = path.read_bytes()
            assert [one for one in PLANTED if one.encode() in data] == [], path.name


def test_the_sample_staff_come_once(sqlite_store: Store, county: Region) -> None:
    roster = table_path("sample") / "roster.csv"
    assert ensure_sample_people(sqlite_store, county, roster, k=20)
    assert not ensure_sample_people(sqlite_store, county, roster, k=20)
    with sqlite_store.read() as db:
        assert count_people(db) == 25
    near = nearby_colleagues(sqlite_store, LOCAL_ID, county)
    assert len(near) == 24


def test_nobody_agrees_because_their_id_is_that_of_somebody_invented(
    sqlite_store: Store, county: Region, table: Write
) -> None:
    local_viewer(sqlite_store)
    own = preview_import(sqlite_store, LOCAL_ID, county, table("id,name\np01,Own\n"), k=20)
    commit_import(sqlite_store, LOCAL_ID, own)
    enter_sample_people(sqlite_store, county, table_path("sample") / "roster.csv", k=20)
    with sqlite_store.read() as db:
        own_person, invented = (find_person_by(db, "reference", one) for one in ("p01", "p02"))
    assert own_person is not None
    assert invented is not None
    assert (own_person.audience, own_person.planning) == ("nobody", False)
    assert (invented.audience, invented.planning) == ("everyone", True)


def test_a_real_region_has_no_sample_staff(sqlite_store: Store, rutland: Region) -> None:
    assert not ensure_sample_people(sqlite_store, rutland, Path("none.csv"), k=20)


ELSEWHERE = HomeArea("far", "Far Away", "cell", Point(-86.5, 47.0), 2000.0, 40)


def stored_area(store: Store, person_id: str) -> StoredArea:
    with store.read() as db:
        return list_areas(db)[person_id]


def set_stored(store: Store, source: AreaSource, *, region: str = "county") -> None:
    with store.atomic() as db:
        set_areas(db, {"kit": ELSEWHERE}, region=region, now=now_utc(), source=source)


ROWS: dict[AreaSource, str] = {
    "position": f"r-kit,{HOME[0]},{HOME[1]},,,",
    "address": "r-kit,,,29 Velm Ledge Road,Linnet Four Corners,",
    "town": "r-kit,,,,Bracklecombe,",
    "postcode": "r-kit,,,,,00306",
}
HEADER = "id,lat,lon,address,town,postcode\n"


@pytest.mark.parametrize("before", AREA_SOURCES)
@pytest.mark.parametrize("given", ROWS)
def test_an_area_is_replaced_by_a_source_as_good_alone(
    local_crew: Store, county: Region, table: Write, given: AreaSource, before: AreaSource
) -> None:
    set_stored(local_crew, before)
    preview = preview_import(local_crew, "pat", county, table(HEADER + ROWS[given]), k=20)
    assert [row.source for row in preview.rows] == [given]
    better = AREA_SOURCES.index(given) <= AREA_SOURCES.index(before)
    assert preview.kept == (0 if better else 1)
    commit_import(local_crew, "pat", preview)
    kept = stored_area(local_crew, "kit")
    assert (kept.area == ELSEWHERE) is not better
    assert kept.source == (given if better else before)


def test_a_source_that_is_better_is_kept_with_the_same_area(
    crew: Store, county: Region, table: Write
) -> None:
    """And so is one of another region, for it is by their kind that sources are compared."""
    for given in ("town", "address"):
        row = ROWS["town"] if given == "town" else "r-kit,,,Main Street,Bracklecombe,"
        commit_import(crew, "pat", preview_import(crew, "pat", county, table(HEADER + row), k=20))
    area = stored_area(crew, "kit")
    assert area.area.label == "Bracklecombe"
    set_stored(crew, "address", region="rutland")
    preview = preview_import(crew, "pat", county, table(HEADER + ROWS["town"]), k=20)
    commit_import(crew, "pat", preview)
    assert stored_area(crew, "kit").region == "rutland"


def test_a_preview_tells_nothing_of_an_area_that_is_stored(
    local_crew: Store, county: Region, table: Write
) -> None:
    """Whatever is stored, of whomever: what a table gives is shown as if nothing were."""
    path = table(HEADER + ROWS["position"])
    wide = replace(ELSEWHERE, label="Secret Area", point=Point(HOME[1], HOME[0]), radius_m=50_000.0)
    seen = []
    for area in (None, ELSEWHERE, wide):
        with local_crew.atomic() as db:
            delete_area(db, "kit")
            if area is not None:
                set_areas(db, {"kit": area}, region="county", now=now_utc(), source="position")
        preview = preview_import(local_crew, "pat", county, path, k=20)
        seen.append((repr(preview), [row.shown for row in preview.rows], preview.kept))
    assert seen[0] == seen[1] == seen[2]
    assert "Secret" not in repr(seen)
    assert preview.rows[0].area is not None
    assert preview.rows[0].area.label == "Secret Area"  # that what is entered goes on to stand for


def test_a_table_that_comes_a_second_time_changes_nothing(
    local_crew: Store, county: Region, table: Write
) -> None:
    path = table(
        "id,name,team,town,planning\n"
        "a,Ann,Atlas,Bracklecombe,yes\n"
        "b,Ben,Atlas,Ivelcombe,yes\n"
        "c,Cay,Beacon,,no\n"
    )
    commit_import(local_crew, "pat", preview_import(local_crew, "pat", county, path, k=20))
    before = [one.person for one in list_roster(local_crew, "pat")]
    again = preview_import(local_crew, "pat", county, path, k=20)
    assert (again.new, again.changed, again.same, again.unseen) == (0, 0, 3, 0)
    result = commit_import(local_crew, "pat", again)
    assert (result.new, result.changed, result.same, result.unseen) == (0, 0, 3, 0)
    assert [one.person for one in list_roster(local_crew, "pat")] == before
    entry = read_audit(local_crew, "ada").entries[1]  # the first is that the roster was looked at
    assert (entry.action, entry.detail) == ("change the roster", {"imported": 0, "changed": 0})


def test_an_area_that_is_another_now_counts_as_changed_where_it_may_be_seen(
    local_crew: Store, county: Region, table: Write
) -> None:
    for agrees, messages in (("yes", ((0, 1, 0), (1, 0, 0))), ("no", ((0, 0, 1), (0, 0, 1)))):
        rows = "id,town,planning\n{0},{1},{0}\n"
        first = table(rows.format(agrees, "Bracklecombe"))
        commit_import(local_crew, "pat", preview_import(local_crew, "pat", county, first, k=20))
        for town, (same, changed, unseen) in zip(
            ("Ivelcombe", "Bracklecombe"), messages, strict=True
        ):
            preview = preview_import(
                local_crew, "pat", county, table(rows.format(agrees, town)), k=20
            )
            assert (preview.same, preview.changed, preview.unseen) == (same, changed, unseen)


def test_what_was_typed_stands_beside_what_was_found_and_is_said_nowhere(
    local_crew: Store, county: Region, table: Write, said: Callable[[], str]
) -> None:
    path = table(
        "id,address,town,postcode\n"
        "a,16 Kite Court,Ombrelby Mills,\n"
        "b,,Bracklecombe,\n"
        "c,,Secretville,\n"
        "d,999 Secretway,Bracklecombe,\n"
        "e,,,00306\n"
        "f,,,\n"
    )
    preview = preview_import(local_crew, "pat", county, path, k=20)
    checks = {one.line: one for one in preview.checks}
    assert [one.order for one in preview.checks] == sorted(one.order for one in preview.checks)
    assert (checks[2].state, checks[2].source) == ("found", "address")
    assert checks[2].typed == {"address": "16 Kite Court", "town": "Ombrelby Mills"}
    assert checks[2].found.startswith("16 Kite Court")
    assert (checks[3].state, checks[3].found) == ("found", "Bracklecombe")
    assert (checks[4].state, checks[4].found) == ("not found", "")
    assert preview.checks[0].state != "found"
    assert 7 not in checks
    commit_import(local_crew, "pat", preview)
    with local_crew.read() as db:
        rows = [db.all(sa.select(one)) for one in schema.metadata.sorted_tables]
    text = repr((preview, rows)) + said()
    assert not any(word in text for word in ("Secret", "Kite Court"))


def test_an_address_is_mended_in_the_preview(
    local_crew: Store, county: Region, table: Write
) -> None:
    path = table("id,town,name\na,Braklkombx,A\nb,Bracklecombe,B\n")
    (check,) = (
        one
        for one in preview_import(local_crew, "pat", county, path, k=20).checks
        if one.state == "not found"
    )
    staff = StaffTable(path, corrections={check.line: {"town": "Ombrelby Mills"}})
    preview = preview_import(local_crew, "pat", county, staff, k=20)
    assert preview.problems == ()
    assert [row.shown for row in preview.rows] == ["Ombrelby Mills", "Bracklecombe"]


def test_columns_are_mapped_by_hand_for_an_import(
    local_crew: Store, county: Region, table: Write
) -> None:
    path = table("Kennung,Rufzeichen,Heimat\n7,Wren,Bracklecombe\n")
    with pytest.raises(UnmappedColumns) as caught:
        preview_import(local_crew, "pat", county, path, k=20)
    assert caught.value.headings == ("Kennung", "Rufzeichen", "Heimat")
    chosen = {"id": "Kennung", "name": "Rufzeichen", "town": "Heimat"}
    preview = preview_import(local_crew, "pat", county, StaffTable(path, chosen), k=20)
    (row,) = preview.rows
    assert (row.reference, row.name, row.shown) == ("7", "Wren", "Bracklecombe")
    assert preview.columns == chosen


def test_people_of_other_regions_are_counted(
    local_crew: Store, county: Region, table: Write
) -> None:
    path = table("id,lat,lon,town\na,52.6,-0.6,\nb,47.0,-86.75,\nc,,,Bracklecombe\n")
    preview = preview_import(local_crew, "pat", county, path, k=20)
    assert (len(preview.rows), preview.elsewhere) == (2, 1)
    assert preview.problems == ("staff.csv, line 2: the home is not in region county.",)


def test_a_table_that_is_swapped_is_told_once(
    local_crew: Store, county: Region, table: Write
) -> None:
    lat, lon = HOME
    path = table(f"id,lat,lon\na,{lon},{lat}\nb,{lon},{lat}\n")
    preview = preview_import(local_crew, "pat", county, path, k=20)
    (problem,) = preview.problems
    assert "look swapped on 2 of 2 lines" in problem
    assert str(lat) not in problem


def test_who_lives_in_another_region_is_not_said_to_have_said_nothing(
    crew: Store, county: Region
) -> None:
    with crew.atomic() as db:
        delete_area(db, "moe")
    set_stored(crew, "own", region="rutland")
    demand = demand_for_plan(crew, "pat", county)
    assert (demand.without_area, demand.elsewhere) == (1, 1)


def test_a_person_s_own_entry_is_kept_as_such(crew: Store, county: Region) -> None:
    lat, lon = HOME
    set_home(crew, "kit", county, Point(lon, lat), k=20)
    assert stored_area(crew, "kit").source == "own"
    assert export_my_data(crew, "kit")["home_area"]["source"] == "own"
