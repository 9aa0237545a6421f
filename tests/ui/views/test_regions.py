"""The regions page, and an app without any region."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geo.region import Region, list_regions
from geo.region.sealed import seal
from geo.ui import MAIN, words


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
    assert [one.value for one in app.subheader] == ["County", r"Nine\-lanes"]
    text = _text(app)
    assert f"**{county.manifest.counts['places']:,}** {words.COUNTS['places']}" in text
    assert f"**{county.manifest.bytes / 1e6:.1f}** MB" in text
    assert words.FICTIONAL in text
    assert words.NO_DATE in text  # the village does not say of when it is
    plain = text.replace("\\", "")
    assert county.manifest.attribution in plain
    assert "© OpenStreetMap contributors" in plain


def test_old_data_are_told(second, app, data_dir) -> None:
    path = data_dir / "regions" / second.name / "region.json"
    values = json.loads(path.read_text())
    values["osm_timestamp"] = datetime(2018, 2, 27, tzinfo=UTC).isoformat()
    del values["seal"]
    values["seal"] = seal(values)
    path.write_text(json.dumps(values))
    _show(app)
    assert words.STALE in _text(app)
    assert "Tue 27 Feb 2018" in _text(app)


def test_a_region_is_removed_only_after_a_second_click(second, app, data_dir) -> None:
    _show(app)
    assert list_regions(data_dir / "regions") == ["county", second.name]
    app.button(key=f"remove-{second.name}").click().run()
    assert not app.exception
    assert list_regions(data_dir / "regions") == ["county"]
    assert [one.value for one in app.subheader] == ["County"]


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
    assert browser.scene.hint == words.NEAR_EMPTY
