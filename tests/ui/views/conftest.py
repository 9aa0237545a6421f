"""The app without a browser: what stands for the map and the box, and regions to open."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geo.gazetteer import Match
from geo.model import Point
from geo.people.sample import ensure_sample_people
from geo.region import Region
from geo.region.build import sample_path
from geo.settings import read_settings
from geo.store import Store
from geo.ui import MAIN, region_jobs
from geo.ui.jobs import REGION_JOBS
from geo.ui.map import MapEvent, Scene
from geo.ui.place_search import LabelledPoint
from tests.ui.internet import Internet, small_internet


class Browser:
    """Stands for the two components: it keeps what they were shown and says what a person did."""

    def __init__(self) -> None:
        self.scene: Scene | None = None
        self.box: dict[str, Any] = {}
        self.event: MapEvent | None = None
        self.found: LabelledPoint | None = None
        self.sought: str | None = None

    def region_map(
        self,
        scene: Scene,
        *,
        on_event: Callable[[MapEvent | None], None] | None = None,
        **_shown: Any,
    ) -> None:
        self.scene = scene
        if on_event:
            st.button("map", key="map-event", on_click=lambda: on_event(self.event))

    def find_start(
        self, _region: Region, on_found: Callable[[LabelledPoint | None], None], **shown: Any
    ) -> str | None:
        self.box = shown
        st.button("box", key="box-event", on_click=lambda: on_found(self.found))
        return self.sought if st.button("seek", key="seek-event") else None

    def seek(self, app: AppTest, text: str) -> None:
        self.sought = text
        app.button(key="seek-event").click().run()

    def pick(self, app: AppTest, point: Point) -> None:
        self.event = MapEvent(picked=point)
        app.button(key="map-event").click().run()

    def select(self, app: AppTest, chosen: str | None) -> None:
        self.event = MapEvent(selected=chosen)
        app.button(key="map-event").click().run()

    def share(self, app: AppTest) -> None:
        """Open what is shared; it is made only then."""
        app.session_state["share"] = True
        app.run()

    def address(self, app: AppTest) -> dict[str, list[str]]:
        """Return what the address of the page says."""
        said = app.query_params.items()
        return {key: [value] if isinstance(value, str) else list(value) for key, value in said}

    def type(self, app: AppTest, point: Point, label: str | None = None) -> None:
        self.found = LabelledPoint(point, label)
        app.button(key="box-event").click().run()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    stand_in = Browser()
    monkeypatch.setattr("geo.ui.map.region_map", stand_in.region_map)
    monkeypatch.setattr("geo.ui.place_search.place_search_box", stand_in.find_start)
    return stand_in


@pytest.fixture(scope="session")
def one(county: Region, regions_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a data folder with the sample county; no test may change it."""
    folder = tmp_path_factory.mktemp("one")
    shutil.copytree(regions_dir / county.name, folder / "regions" / county.name)
    return folder


@pytest.fixture(scope="session")
def two(
    one: Path, village_region: Region, regions_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a data folder with a second region; no test may change it."""
    folder = tmp_path_factory.mktemp("two")
    shutil.copytree(one, folder, dirs_exist_ok=True)
    name = village_region.name
    shutil.copytree(regions_dir / name, folder / "regions" / name)
    return folder


@pytest.fixture(scope="session")
def village_region(village: Path, build_once: Callable[[Path, str], Region]) -> Region:
    return build_once(village, "nine-lanes")


@pytest.fixture
def data_dir(one: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of an app that has the sample county."""
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(one))
    return one


@pytest.fixture
def second(
    data_dir: Path, two: Path, village_region: Region, monkeypatch: pytest.MonkeyPatch
) -> Region:
    """Let the app have a second region, and return it."""
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(two))
    return village_region


@pytest.fixture
def internet(data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Internet]:
    """Let the app have an internet of its own; at the end nothing is left on its desk.

    What is looked up is waited for: this page has no browser that would ask again.
    """
    monkeypatch.setattr(region_jobs, "_QUICK_S", 60)
    folder = tmp_path / "internet"
    folder.mkdir()
    with small_internet(folder) as services:
        for name, value in services.environment.items():
            if name != "CROSSROADS_DATA_DIR":
                monkeypatch.setenv(name, value)
        yield services
        services.gate.set()
        if REGION_JOBS.latest:
            REGION_JOBS.latest.cancel()
            REGION_JOBS.latest.wait(60)
        REGION_JOBS.dismiss()


@pytest.fixture
def app(data_dir: Path, browser: Browser) -> AppTest:
    """Return the app, not yet opened."""
    return AppTest.from_file(str(MAIN), default_timeout=60)


@pytest.fixture
def towns(county: Region) -> list[Match]:
    """Return two settlements of the county, each the middle of its own."""
    box = county.bbox
    found = [
        county.gazetteer.nearest_settlement(Point(box.west + share * (box.east - box.west), lat))
        for share, lat in ((0.5, box.center.lat), (0.3, box.center.lat))
    ]
    return [match for match in found if match]


@pytest.fixture(scope="session")
def peopled(county: Region, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store with the fictional staff, to be copied."""
    path = tmp_path_factory.mktemp("peopled") / "crossroads.sqlite"
    store = Store.open(f"sqlite:///{path}")
    roster = sample_path().with_name("roster.csv")
    assert ensure_sample_people(store, county, roster, k=20)
    store.close()
    return path


@pytest.fixture
def own(one: Path, peopled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a data folder with the county and its fictional staff, which a test may change."""
    (tmp_path / "regions").symlink_to(one / "regions")
    shutil.copy(peopled, tmp_path)
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def open_view(own: Path, browser: Browser) -> Callable[[str], AppTest]:
    """Return a function that opens a page, as another session of the same visitor each time."""

    def open_one(name: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.run()
        app.switch_page(f"views/{name}.py").run()
        assert not app.exception
        return app

    return open_one


@pytest.fixture
def store(own: Path) -> Iterator[Store]:
    """Return the store of the test's own folder."""
    opened = Store.open(read_settings().store_url)
    yield opened
    opened.close()


@pytest.fixture
def shown() -> Callable[[AppTest], str]:
    """Return a function that returns all text that a page shows."""
    kinds = ("markdown", "caption", "subheader", "info", "warning", "error", "toast", "html")
    return lambda app: "\n".join(str(one.value) for kind in kinds for one in app.get(kind))
