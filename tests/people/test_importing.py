"""Tables of staff: good rows in, bad rows told, and nothing of a home kept or said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from geo.cli import main
from geo.errors import CrossroadsError, InputError
from geo.people import (
    commit_import,
    demand_for_plan,
    ensure_sample_people,
    enter_sample_people,
    export_my_data,
    export_roster,
    find_area_of,
    list_roster,
    nearby_colleagues,
    preview_import,
    read_audit,
    set_home,
)
from geo.people.joining import LOCAL_ID, local_viewer, new_person
from geo.privacy import Role
from geo.records import Upload
from geo.region import Region
from geo.store import (
    Store,
    add_people,
    change_person,
    count_people,
    delete_area,
    find_by,
    list_areas,
    list_consents,
    schema,
)
from geo.store.backup import back_up
from geo.tables import table_path

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
    assert (preview.changed, preview.own) == (3, 2)
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
            person = find_by(db, "reference", "q")
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
    told = " ".join((*preview.problems, *preview.duplicates))
    assert not any(word in told for word in ("Secret", "0123", "6543", "a@", "heavy"))
    assert len(told) < 2000


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
    assert len(near.colleagues) == 24


def test_nobody_agrees_because_their_id_is_that_of_somebody_invented(
    sqlite_store: Store, county: Region, table: Write
) -> None:
    local_viewer(sqlite_store)
    own = preview_import(sqlite_store, LOCAL_ID, county, table("id,name\np01,Own\n"), k=20)
    commit_import(sqlite_store, LOCAL_ID, own)
    enter_sample_people(sqlite_store, county, table_path("sample") / "roster.csv", k=20)
    with sqlite_store.read() as db:
        own_person, invented = (find_by(db, "reference", one) for one in ("p01", "p02"))
    assert own_person is not None
    assert invented is not None
    assert (own_person.audience, own_person.planning) == ("nobody", False)
    assert (invented.audience, invented.planning) == ("everyone", True)


def test_a_real_region_has_no_sample_staff(sqlite_store: Store, rutland: Region) -> None:
    assert not ensure_sample_people(sqlite_store, rutland, Path("none.csv"), k=20)
