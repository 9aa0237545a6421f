"""Names, parameters, files and identifiers that others rely on."""

from __future__ import annotations

import inspect
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import inspect as inspect_database

import geo.facility_location
import geo.isochrone
import geo.meetup
import geo.network
import geo.places.opening
import geo.privacy
import geo.proximity
import geo.region
from geo.cli import crossroads, main
from geo.gazetteer import Gazetteer
from geo.model import Place, Point
from geo.network import RoadNetwork
from geo.region import Region, load_region
from geo.roster import read_roster
from geo.settings import read_settings
from geo.store import Store

ROOT = Path(__file__).resolve().parents[2]

NAMES = {
    geo.region: ["Region", "load_region", "list_regions"],
    geo.network: ["RoadNetwork", "Conditions", "DRY"],
    geo.facility_location: [
        "solve_p_median", "solve_p_center", "solve_max_coverage", "solve_set_cover",
        "solve_capacitated", "solve_group_center", "solve_group_cover", "solve_group_coverage",
    ],
    geo.proximity: ["near_me"],
    geo.meetup: ["meet_halfway", "plan_meetups", "HalfwayRequest", "PlanRequest", "MeetupPlan"],
    geo.isochrone: ["isochrones"],
    geo.privacy: ["coarsen_home", "may_see"],
}  # fmt: skip


@pytest.mark.parametrize("module", NAMES, ids=lambda module: module.__name__)
def test_public_names_are_there(module: ModuleType) -> None:
    assert [name for name in NAMES[module] if not hasattr(module, name)] == []


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (load_region, ["name_or_path", "regions_dir"]),
        (RoadNetwork.reach, ["self", "origin", "cutoff_s", "conditions", "homeward"]),
        (RoadNetwork.matrix, ["self", "origins", "destinations", "cutoff_s", "conditions"]),
        (geo.facility_location.solve_p_median, ["seconds", "p", "weights"]),
        (geo.facility_location.solve_p_center, ["seconds", "p"]),
        (geo.facility_location.solve_max_coverage, ["seconds", "p", "cutoff_s"]),
        (geo.facility_location.solve_set_cover, ["seconds", "cutoff_s"]),
        (geo.facility_location.solve_capacitated, ["seconds", "p", "min_size", "max_size"]),
        (geo.proximity.near_me, ["region", "origin"]),
        (geo.meetup.meet_halfway, ["region", "request"]),
        (geo.meetup.plan_meetups, ["region", "request"]),
        (Gazetteer.search, ["self", "text", "limit"]),
        (read_roster, ["path", "gazetteer"]),
    ],
    ids=lambda one: getattr(one, "__qualname__", ""),
)
def test_parameters_keep_their_names(function: object, parameters: list[str]) -> None:
    have = list(inspect.signature(function).parameters)  # type: ignore[arg-type]
    assert [name for name in parameters if name not in have] == []


def test_a_region_has_what_is_promised(county: Region) -> None:
    for name in ("network", "places", "gazetteer", "bbox", "osm_timestamp"):
        assert hasattr(county, name)
    assert (read_settings().regions_dir).name == "regions"


def test_the_gazetteer_answers_by_label_kind_and_point(county: Region) -> None:
    match = county.gazetteer.search("library", limit=1)[0]
    assert isinstance(match.label, str)
    assert isinstance(match.kind, str)
    assert isinstance(match.point, Point)
    assert county.gazetteer.nearest_settlement(match.point) is not None


def test_a_roster_says_who_is_in_it_and_what_is_wrong(county: Region) -> None:
    roster = read_roster(ROOT / "data" / "sample" / "roster.csv", county.gazetteer)
    assert len(roster.people) > 0
    assert list(roster.problems) == []


def test_a_place_says_whether_it_is_open() -> None:
    place = Place(
        "n1", "The Kettle", "cafe", Point(-0.5, 52.0), {"opening_hours": "Mo-Fr 09:00-17:00"}
    )
    monday = datetime.fromisoformat("2026-05-04T10:00+01:00")
    assert geo.places.opening.state(place, monday) == "open"
    assert geo.places.opening.state(place, monday + timedelta(hours=9)) == "closed"


def test_commands_and_their_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert {"near", "reach", "halfway", "matrix", "plan", "coverage", "region", "roster", "db",
            "serve", "warm"} <= set(crossroads.list_commands(None))  # type: ignore[arg-type]  # fmt: skip
    assert main(["near"]) == 2
    assert main(["near", "1,2", "--region", "no-such-region"]) == 2
    assert main(["--version"]) == 0
    capsys.readouterr()


def test_the_database_has_its_tables_and_its_revision(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'new.sqlite'}")
    with store.read() as db:
        tables = set(inspect_database(db.connection).get_table_names())
        revision = db.connection.exec_driver_sql("select version_num from alembic_version").scalar()
    store.close()
    assert revision == "0004"
    assert {"people", "home_areas", "consents", "preferences", "invitations", "plans", "meetups",
            "attendance", "audit", "queries", "sign_ins", "sessions", "venues", "marks",
            "secrets"} <= tables  # fmt: skip
