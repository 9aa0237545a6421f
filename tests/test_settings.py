from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import InputError, UnknownName
from geo.files import checkout_root
from geo.settings import read_settings


def test_the_data_live_in_the_checkout_unless_told_otherwise() -> None:
    root = checkout_root()
    assert root is not None
    assert read_settings({}).data_dir == root / "data"
    assert read_settings({"CROSSROADS_DATA_DIR": "/srv/x"}).regions_dir == Path("/srv/x/regions")


def test_a_misspelt_setting_is_refused_with_the_right_name() -> None:
    with pytest.raises(UnknownName, match="did you mean CROSSROADS_DATA_DIR"):
        read_settings({"CROSSROADS_DATADIR": "x"})


def test_a_remote_basemap_is_off_unless_chosen_and_names_its_server() -> None:
    assert (read_settings({}).basemap, read_settings({}).basemap_origin) == ("", "")
    url = "https://tiles.example.org:8443/{z}/{x}/{y}.png?key=1"
    settings = read_settings({"CROSSROADS_BASEMAP": url})
    assert settings.basemap == url
    assert settings.basemap_origin == "https://tiles.example.org:8443"
    style = "https://tiles.example.org/styles/liberty?key=1"
    assert read_settings({"CROSSROADS_BASEMAP": style}).basemap == style


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example.org/",
        "ftp://x/{z}/{x}/{y}",
        "https://a.example; script-src */{z}/{x}/{y}",
        "https:///{z}/{x}/{y}.png",
        "javascript:{z}{x}{y}",
        "https://tiles.example.org/{z}/{x}.png",
        "https://a.example/style.json; script-src *",
    ],
)
def test_an_address_that_is_none_of_tiles_is_refused(url: str) -> None:
    with pytest.raises(InputError, match="CROSSROADS_BASEMAP"):
        read_settings({"CROSSROADS_BASEMAP": url})


@pytest.mark.parametrize("folder", ["x" * 300, "~nosuchuser/x", "/srv/" + "y" * 9000])
def test_a_data_dir_that_cannot_be_is_refused_in_one_short_sentence(folder: str) -> None:
    with pytest.raises(InputError, match=r"^CROSSROADS_DATA_DIR is ") as refused:
        read_settings({"CROSSROADS_DATA_DIR": folder})
    assert len(str(refused.value)) < 200


def test_a_long_path_of_short_names_is_allowed() -> None:
    folder = "/srv/" + "maps/" * 100
    assert read_settings({"CROSSROADS_DATA_DIR": folder}).data_dir == Path(folder)


def test_services_are_the_public_ones_unless_told_otherwise() -> None:
    settings = read_settings({"CROSSROADS_OVERPASS_URL": " http://127.0.0.1/api/interpreter/ "})
    assert settings.overpass_url == "http://127.0.0.1/api/interpreter"
    assert settings.nominatim_url == "https://nominatim.openstreetmap.org"
    assert (settings.contact, settings.stale_days) == ("", 90)


@pytest.mark.parametrize("contact", ["maps@example.org", "https://example.org/maps"])
def test_a_contact_is_a_mail_or_web_address(contact: str) -> None:
    assert read_settings({"CROSSROADS_CONTACT": contact}).contact == contact


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTACT", "me"),
        ("CONTACT", "a@b\r\nX-Evil: 1"),
        ("CONTACT", "a@" + "b" * 999),
        ("GEOFABRIK_INDEX_URL", "download.geofabrik.de"),
        ("NOMINATIM_URL", "file:///etc/passwd"),
        ("NOMINATIM_URL", "http://host:99999"),
        ("NOMINATIM_URL", "http://[::1"),
        ("OVERPASS_URL", "https://overpass-api.de"),
        ("STALE_DAYS", "0"),
        ("STALE_DAYS", "soon"),
        ("STALE_DAYS", "9" * 99),
    ],
)
def test_a_service_that_cannot_be_asked_is_refused(name: str, value: str) -> None:
    with pytest.raises(InputError, match=f"^CROSSROADS_{name}") as refused:
        read_settings({f"CROSSROADS_{name}": value})
    assert len(str(refused.value)) < 250
