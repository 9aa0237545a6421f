"""The regions page, and an app without any region."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geo import texts
from geo.cancellation import Clock
from geo.files import json_crc32
from geo.online import Services
from geo.region import Region, list_regions
from geo.texts import regions as regions_texts
from geo.ui import MAIN
from geo.ui.jobs import REGION_JOBS
from tests.conftest import village_xml


@pytest.fixture
def data_dir(two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with two regions that a test may change."""
    shutil.copytree(two, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def second(data_dir: Path, village_region: Region) -> Region:
    """Return the second region of that folder."""
    return village_region


def _show(app):
    app.run()
    app.switch_page("views/regions.py").run()
    assert not app.exception
    return app


def _text(app) -> str:
    return "\n".join(one.value for one in [*app.markdown, *app.caption, *app.warning, *app.info])


def test_each_region_says_its_age_size_and_source(second, app, county) -> None:
    _show(app)
    assert [one.value for one in app.subheader] == [regions_texts.ADD, "County", r"Nine\-lanes"]
    text = _text(app)
    assert f"**{county.manifest.counts['places']:,}** {texts.COUNTS['places']}" in text
    assert f"**{county.manifest.bytes / 1e6:.1f}** MB" in text
    assert texts.FICTIONAL in text
    assert texts.NO_DATE in text  # the village does not say of when it is
    plain = text.replace("\\", "")
    assert county.manifest.attribution in plain
    assert "© OpenStreetMap contributors" in plain


def test_old_data_are_told(second, app, data_dir) -> None:
    path = data_dir / "regions" / second.name / "region.json"
    values = json.loads(path.read_text())
    values["osm_timestamp"] = datetime(2018, 2, 27, tzinfo=UTC).isoformat()
    del values["seal"]
    values["seal"] = json_crc32(values)
    path.write_text(json.dumps(values))
    _show(app)
    assert regions_texts.REFRESH_DUE.format(days=90) in _text(app)
    assert "Tue 27 Feb 2018" in _text(app)


def test_a_region_is_removed_only_after_a_second_click(second, app, data_dir) -> None:
    _show(app)
    assert list_regions(data_dir / "regions") == ["county", second.name]
    app.button(key=f"remove-{second.name}").click().run()
    assert not app.exception
    assert list_regions(data_dir / "regions") == ["county"]
    assert [one.value for one in app.subheader] == [regions_texts.ADD, "County"]


def test_removing_the_region_one_looks_at_leads_to_another(second, app, browser, county) -> None:
    app.query_params["region"] = second.name
    app.run()
    assert browser.scene.region == second.bbox
    app.switch_page("views/regions.py").run()
    app.button(key=f"remove-{second.name}").click().run()
    app.switch_page("views/near.py").run()
    assert not app.exception
    assert browser.scene.region == county.bbox


def test_a_damaged_region_is_told_and_the_others_work(second, app, browser, data_dir) -> None:
    (data_dir / "regions" / second.name / "region.json").write_text("{")
    _show(app)
    assert "is damaged" in app.warning[0].value.replace("\\", "")
    app.switch_page("views/near.py").run()
    assert not app.exception
    assert browser.scene is not None


def test_an_app_without_regions_builds_the_sample_county(tmp_path, monkeypatch, browser) -> None:
    monkeypatch.setenv("CROSSROADS_DATA_DIR", str(tmp_path))
    app = AppTest.from_file(str(MAIN), default_timeout=120).run()
    assert not app.exception
    assert list_regions(tmp_path / "regions") == ["county"]
    assert browser.scene.hint == texts.NEAR_EMPTY


def _search(app, text: str):
    app.text_input(key="where").set_value(text).run()
    assert not app.exception
    return app


def _await_desk(app):
    assert REGION_JOBS.latest.wait(60)
    app.run()
    assert not app.exception
    return app


def _get_village(app):
    _search(_show(app), "nine lanes")
    app.button(key="get").click().run()
    return _await_desk(app)


def test_a_region_is_found_by_name_sized_got_and_shown(app, browser, data_dir, internet) -> None:
    _search(_show(app), "I live in Nine Lanes")
    assert [one.label for one in app.checkbox] == ["Nine Lanes · Europe"]
    assert any("to download" in one.value for one in app.markdown)
    app.button(key="get").click().run()
    assert REGION_JOBS.latest.title == regions_texts.DOWNLOADING.format(name="village")
    _await_desk(app)
    assert app.success[0].value == regions_texts.region_ready("village")
    assert "village" in list_regions(data_dir / "regions")
    app.button(key="show-region").click().run()
    assert not app.exception
    assert browser.scene is not None
    assert 51.9 < browser.scene.region.south < 52.1


def test_the_smallest_region_that_holds_a_point_is_ticked(app, internet) -> None:
    _search(_show(app), "52.0181, -0.4709")
    assert [(one.label, one.value) for one in app.checkbox] == [
        ("Nine Lanes · Europe", True),
        ("Europe", False),
    ]
    assert regions_texts.POINT_HELP in _text(app)
    assert not any("52.01" in str(entry[0].url) for entry in internet.server.log)


def test_a_download_is_stopped_and_goes_on_where_it_was(app, data_dir, internet) -> None:
    internet.gate.clear()
    _search(_show(app), "nine lanes")
    app.button(key="get").click().run()
    assert app.button(key="stop").label == regions_texts.STOP
    assert app.button(key="get").disabled
    app.button(key="stop").click().run()
    _await_desk(app)  # while the server is still silent
    internet.gate.set()
    assert app.info[0].value == regions_texts.STOPPED
    assert "village" not in list_regions(data_dir / "regions")
    app.button(key="get").click().run()
    _await_desk(app)
    assert app.success[0].value == regions_texts.region_ready("village")
    half = len(internet.extract) // 2
    ranges = [
        entry[0].headers.get("Range")
        for entry in internet.server.log
        if (entry[0].method, entry[0].path) == ("GET", "/europe/village-261101.osm.pbf")
    ]
    assert ranges[0] is None
    assert ranges[1:] in ([f"bytes={half}-"], [None])  # None where the stop came before any byte


def test_refreshed_places_are_counted_and_dated(app, internet) -> None:
    _get_village(app)
    internet.change(village_xml(cafe="Fresh Kettle").replace('v="library"', 'v="bench"'))
    app.button(key="refresh-village").click().run()
    _await_desk(app)
    assert "no longer has 1 of the 2 places" in app.warning[0].value
    assert app.button(key="accept-missing").label == "Remove 1 place"
    assert "Places refreshed" not in _text(app)
    app.button(key="accept-missing").click().run()
    _await_desk(app)
    assert "0 new, 1 changed, 1 gone" in app.success[0].value
    assert "Places refreshed; data of **Sun 1 Nov 2026**." in _text(app)
    assert f"**1** {texts.COUNTS['places']}" in _text(app)
    assert all("52.0181" not in query for query in internet.queries)


def test_a_region_is_updated_from_where_it_came(app, internet) -> None:
    _get_village(app)
    app.button(key="update-village").click().run()
    _await_desk(app)
    assert "**Village** is already the newest that is published: of " in app.success[0].value
    internet.change(village_xml(cafe="The Mettle"))
    app.button(key="update-village").click().run()
    _await_desk(app)
    assert app.success[0].value == regions_texts.region_ready("village")


def test_only_the_surroundings_of_a_place_are_got_by_squares(app, data_dir, internet) -> None:
    _show(app)
    assert app.button(key="get-area").disabled
    app.text_input(key="area-where").set_value("52.0181, -0.4709").run()
    app.slider(key="area-km").set_value(10).run()
    assert any("11 squares" in one.value for one in app.caption)
    app.button(key="get-area").click().run()
    _await_desk(app)
    assert app.success[0].value == regions_texts.region_ready("my-area")
    assert internet.queries
    assert all("52.0181" not in query and "0.4709" not in query for query in internet.queries)
    assert json.loads((data_dir / "regions" / "my-area" / "region.json").read_text())["sources"]


def test_an_extract_of_any_server_is_got_by_its_address(app, internet) -> None:
    _search(_show(app), internet.extract_url)
    app.text_input(key="name-village").set_value("Bad Name").run()
    assert app.button(key="get").disabled
    assert regions_texts.BAD_NAME in _text(app)
    app.text_input(key="name-village").set_value("lanes").run()
    app.button(key="get").click().run()
    _await_desk(app)
    assert app.success[0].value == regions_texts.region_ready("lanes")


def test_without_a_contact_public_servers_are_not_asked_and_it_is_said_how(app) -> None:
    _show(app)
    assert [one.value for one in app.info] == [regions_texts.NO_CONTACT]
    assert not any(one.key == "where" for one in app.text_input)


def test_without_a_network_the_page_works_and_says_so_once(app, internet, monkeypatch) -> None:
    internet.server.stop()
    _search(_show(app), "vermont")
    assert len(app.info) == 1
    assert "127.0.0.1" in app.info[0].value.replace("\\", "")
    assert [one.value for one in app.subheader][-1] == r"Nine\-lanes"
    app.button(key="catalogue-again").click().run()
    assert not app.exception


def test_without_a_network_an_old_list_is_told_once_too(app, internet, data_dir) -> None:
    settings = replace(internet.settings, data_dir=data_dir)
    clock = Clock(epoch_s=lambda: time.time() - 5 * 86_400)
    with Services(settings, clock=clock) as services:
        services.catalogue()
    internet.server.stop()
    _search(_show(app), "nine lanes")
    notes = [*app.info, *app.caption]
    assert sum("127.0.0.1" in one.value.replace("\\", "") for one in notes) == 1
    assert [one.label for one in app.checkbox] == ["Nine Lanes · Europe"]
