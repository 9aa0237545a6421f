"""Addresses in the forms that people write: where they are, and what is elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geo.gazetteer import Entry, Gazetteer, House, PostalAddress
from geo.gazetteer.territories import is_misplaced_zip

PLACES = {"Birchvale": (-71.80, 44.00), "Ashcombe": (-71.99, 44.00), "St. Brendan": (-71.90, 44.05)}
COUNTY = ("Orleans", "Orleans County")


def _entry(name: str, kind: str, town: str, lon: float = 0.0, **more: object) -> Entry:
    east, north = PLACES[town]
    words = (*more.pop("words", ()), *COUNTY)  # type: ignore[misc]
    settlement = None if name == town else town
    importance = {"street": 0.4, "postcode": 0.45}.get(kind, 0.65)
    return Entry(
        name, kind, round(east + lon, 5), north, settlement, importance,
        words=words, territory="US-VT", **more,  # type: ignore[arg-type]
    )  # fmt: skip


VERMONT = [
    _entry("Back Street", "street", "Birchvale", 0.012),
    *(_entry(town, "village", town) for town in PLACES),
    _entry(
        "Main Street", "street", "Birchvale", 0.001, words=("05992",),
        houses=(House("12", -71.7991, 44.0), House("215B", -71.7992, 44.0),
                House("14 1/2", -71.7993, 44.0), House("20-24", -71.7994, 44.0)),
    ),
    _entry("Main Street", "street", "Ashcombe", 0.001, words=("05991",),
           houses=(House("12", -71.9891, 44.0),)),
    _entry("First Street", "street", "Ashcombe", 0.002),
    _entry("2nd Street", "street", "Ashcombe", 0.003),
    _entry("Saint Brendan Road", "street", "Birchvale", 0.004),
    _entry("Mount Orrin Turnpike", "street", "Birchvale", 0.005),
    _entry("Stage Road", "street", "St. Brendan", 0.006,
           other_names=("VT 117", "VT117", "Route 117", "Vermont Route 117")),
    _entry("Ashcombe Road", "street", "Birchvale", 0.007),
    _entry("Birchvale Road", "street", "Ashcombe", 0.008),
    _entry("Manchester Road", "street", "Ashcombe", 0.009),
    _entry("05991", "postcode", "Ashcombe"),
    _entry("05992", "postcode", "Birchvale"),
]  # fmt: skip


@pytest.fixture(scope="module")
def vermont(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path = tmp_path_factory.mktemp("vermont") / "names.sqlite"
    Gazetteer.write(path, VERMONT)
    return Gazetteer.open(path)


HOUSE = "12 Main Street, Birchvale"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("12 Main Street, Birchvale VT 05992", HOUSE),
        ("12 Main Street, Birchvale, VT, 05992", HOUSE),
        ("12 main st birchvale vt", HOUSE),
        ("12 Main Street, Birchvale, Vermont 05992-1234, USA", HOUSE),
        ("12 Main Street, Birchvale, V.T., U.S.A.", HOUSE),
        ("12 Main St, Apt 4, Birchvale, VT 05992", HOUSE),
        ("12 Main St Apt. 4B, Birchvale, VT 05992", HOUSE),
        ("12 Main St #4, Birchvale, VT", HOUSE),
        ("12 Main St, Suite 210, Birchvale, VT", HOUSE),
        ("12 Main St Unit B, Birchvale, VT", HOUSE),
        ("Flat 2, 12 Main Street, Birchvale", HOUSE),
        ("12 Main, Birchvale VT", HOUSE),
        ("12 Main Street, 05992", HOUSE),
        ("VT 05992", "05992, Birchvale"),
        ("05992, Vermont, USA", "05992, Birchvale"),
        ("Birchvale, 12 Main Street", HOUSE),
        ("12 Main Street, Birchvale, Orleans County, VT", HOUSE),
        ("Main Street 12, Birchvale", "Main Street 12, Birchvale"),
        ("Main Street, 12, Birchvale", "Main Street 12, Birchvale"),
        ("215 B Main Street, Birchvale", "215B Main Street, Birchvale"),
        ("215b Main Street, Birchvale", "215B Main Street, Birchvale"),
        ("14½ Main Street, Birchvale", "14 1/2 Main Street, Birchvale"),
        ("14 1/2 Main Street, Birchvale", "14 1/2 Main Street, Birchvale"),
        ("22 Main Street, Birchvale", "20-24 Main Street, Birchvale"),
        ("20-24 Main Street, Birchvale", "20-24 Main Street, Birchvale"),
        ("Birchvale, VT", "Birchvale"),
        ("Birchvale VT USA", "Birchvale"),
        ("Birchvale, Vermont", "Birchvale"),
        ("Ashcombe, VT, USA", "Ashcombe"),
        ("PO Box 7, Ashcombe VT 05991", "Ashcombe"),
        ("Saint Brendan", "St. Brendan"),
        ("St Brendan, VT", "St. Brendan"),
        ("1st Street, Ashcombe", "First Street, Ashcombe"),
        ("Second St, Ashcombe", "2nd Street, Ashcombe"),
        ("Mt. Orrin Turnpike", "Mount Orrin Turnpike, Birchvale"),
        ("VT 117", "Stage Road, St. Brendan"),
        ("Route 117, Saint Brendan VT", "Stage Road, St. Brendan"),
        ("Vermont Rte 117", "Stage Road, St. Brendan"),
        ("Birchvale, Ashcombe Road", "Ashcombe Road, Birchvale"),
        ("Birchvale Ashcombe Road", "Ashcombe Road, Birchvale"),
        ("Ashcombe, Birchvale Road", "Birchvale Road, Ashcombe"),
        ("5991", "05991, Ashcombe"),
        ("05991-1234", "05991, Ashcombe"),
    ],
)
def test_an_address_is_found_whole(vermont: Gazetteer, text: str, label: str) -> None:
    match = vermont.geocode(text).match
    assert match is not None
    assert (match.label, match.unmatched) == (label, ())


@pytest.mark.parametrize(
    ("text", "label", "unmatched"),
    [
        ("99 Main Street, Birchvale, VT", "Main Street, Birchvale", ("99",)),
        ("4b Elm Street, Birchvale, VT", "Birchvale", ("4b", "Elm", "Street")),
        ("Birchvale, Elm Street", "Birchvale", ("Elm", "Street")),
        ("Elm Street, Birchvale", "Birchvale", ("Elm", "Street")),
        ("12 Main Street, Birchvale, VT 05991", HOUSE, ("05991",)),
        ("Birchvael, VT", "Birchvale", ("Birchvael",)),
        ("Smalltown, VT 05992", "05992, Birchvale", ("Smalltown",)),
    ],
)
def test_what_the_map_lacks_is_said(
    vermont: Gazetteer, text: str, label: str, unmatched: tuple[str, ...]
) -> None:
    match = vermont.geocode(text).match
    assert match is not None
    assert (match.label, match.unmatched) == (label, unmatched)


@pytest.mark.parametrize(
    ("text", "elsewhere"),
    [
        ("12 Main Street, Birchvale, OH", "Ohio"),
        ("Birchvale, Ohio", "Ohio"),
        ("Birchvale NH", "New Hampshire"),
        ("12 Main Street, Columbus, OH 43215", "Columbus, Ohio"),
        ("43215", "Columbus, Ohio"),
        ("Ohio", "Ohio"),
        ("Main Street, Birchvale, Canada", "Canada"),
        ("Bahnhofstrasse 1, 8001 Zürich, Switzerland", "Zürich"),
        ("Birchvale, England", "England"),
        ("Main Street, Manchester", ""),
        ("Main Street Manchester", ""),
        ("12 Main Street, Manchester, VT", ""),
        ("Manchester", ""),
        ("Birchvale, Lancashire", ""),
        ("High Street, York YO1 6HZ", ""),
        ("VT 999", ""),
        ("Birchvale, Brendan", ""),
        ("Ashcombe, Manchester", ""),
        ("99 Nowhere Ct", ""),
        ("12 Elm St", ""),
        ("Main Street, Birchvale, YO1 6HZ", ""),
    ],
)
def test_what_disagrees_is_no_match(vermont: Gazetteer, text: str, elsewhere: str) -> None:
    found = vermont.geocode(text)
    assert (found.match, found.elsewhere) == (None, elsewhere)


@pytest.mark.parametrize(
    ("address", "label", "unmatched"),
    [
        (PostalAddress("12 Main St", "Birchvale", state="VT", postcode="05992"), HOUSE, ()),
        (PostalAddress("12 Main St", "Birchvale", state="Vermont", country="US"), HOUSE, ()),
        (PostalAddress("12 Main St", "Birchvale", "Orleans", "VT", "5992.0", "USA"), HOUSE, ()),
        (PostalAddress("12 Main St, Apt 3", "Birchvale, VT"), HOUSE, ()),
        (PostalAddress("12 Main Street, Birchvale, VT 05992"), HOUSE, ()),
        (PostalAddress(town="Birchvale", state="VT"), "Birchvale", ()),
        (PostalAddress("12 Main St, Unit 3", "Birchvale", state="VT"), HOUSE, ()),
        (PostalAddress(postcode="5991"), "05991, Ashcombe", ()),
        (PostalAddress(postcode="5991.0"), "05991, Ashcombe", ()),
        (PostalAddress(postcode="05991-1234"), "05991, Ashcombe", ()),
        (
            PostalAddress("12345 Elm Street", "Birchvale", state="VT"),
            "Birchvale",
            ("12345", "Elm", "Street"),
        ),
    ],
)
def test_parts_are_put_together(
    vermont: Gazetteer, address: PostalAddress, label: str, unmatched: tuple[str, ...]
) -> None:
    match = vermont.geocode(address).match
    assert match is not None
    assert (match.label, match.unmatched) == (label, unmatched)


@pytest.mark.parametrize(
    ("address", "elsewhere"),
    [
        (PostalAddress("Main Street", "Manchester"), ""),
        (PostalAddress(town="Manchester"), ""),
        (PostalAddress(town="Manchester", postcode="M4 1HP"), ""),
        (PostalAddress(town="Birchvale", state="OH"), "Ohio"),
        (PostalAddress(town="Birchvale", county="Lancashire"), ""),
        (PostalAddress(town="Birchvale", country="United Kingdom"), "United Kingdom"),
        (PostalAddress(town="Columbus", state="OH", postcode="43215"), "Columbus, Ohio"),
        (PostalAddress(postcode="43215"), "Columbus, Ohio"),
        (PostalAddress(postcode="AD500"), ""),
        (PostalAddress(state="VT"), ""),
        (PostalAddress(country="US"), ""),
        (PostalAddress(), ""),
    ],
)
def test_parts_that_disagree_are_no_match(
    vermont: Gazetteer, address: PostalAddress, elsewhere: str
) -> None:
    found = vermont.geocode(address)
    assert (found.match, found.elsewhere) == (None, elsewhere)


def test_only_a_person_who_types_means_a_beginning(vermont: Gazetteer) -> None:
    assert vermont.search("Birchv")[0].label == "Birchvale"
    assert vermont.geocode("Birchv").match is None
    assert vermont.search("Main Street, Bir")[0].label == "Main Street, Birchvale"
    assert vermont.search("Main Street, Manchester") == []
    assert vermont.elsewhere("Birchvale, OH") == "Ohio"


def test_where_no_state_is_known_one_that_is_typed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "names.sqlite"
    Gazetteer.write(path, [Entry("Birchvale", "village", 0, 0, None, 0.65)])
    match = Gazetteer.open(path).geocode("Birchvale, VT").match
    assert match is not None
    assert (match.label, match.unmatched) == ("Birchvale", ("VT",))


ANDORRA = [
    Entry("Andorra la Vella", "town", 1.52, 42.51, None, 0.8, other_names=("Andorra",)),
    Entry("les Escaldes", "town", 1.54, 42.51, None, 0.8, other_names=("Escaldes-Engordany",)),
    Entry("Encamp", "town", 1.58, 42.54, None, 0.8),
    Entry("Pas de la Casa", "village", 1.73, 42.54, None, 0.65),
    Entry("Carrer Major", "street", 1.58, 42.54, "Encamp", 0.4),
    Entry("Carrer Major", "street", 1.73, 42.54, "Pas de la Casa", 0.4, words=("AD200", "Encamp")),
    Entry("AD200", "postcode", 1.66, 42.54, "Pas de la Casa", 0.45, words=("Encamp",)),
    Entry("Lyndon", "village", 1.50, 42.50, None, 0.65),
]


@pytest.fixture(scope="module")
def andorra(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path = tmp_path_factory.mktemp("andorra") / "names.sqlite"
    Gazetteer.write(path, [replace(one, territory="AD") for one in ANDORRA])
    return Gazetteer.open(path)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Escaldes", "les Escaldes"),
        ("Escaldes, Andorra", "les Escaldes"),
        ("Andorra", "Andorra la Vella"),
        ("Nowhere, Andorra", None),
        ("12 Nowhere Street, Andorra", None),
        ("Carrer Major 3, Encamp, AD200", "Carrer Major, Encamp"),
        ("Carrer Major 3, AD200 Pas de la Casa", "Carrer Major, Pas de la Casa"),
    ],
)
def test_a_country_is_no_town_and_a_town_goes_before_a_postcode(
    andorra: Gazetteer, text: str, label: str | None
) -> None:
    match = andorra.geocode(text).match
    assert (match and match.label) == label


def test_a_town_elsewhere_is_no_slip(andorra: Gazetteer) -> None:
    for address in ("London", "12 High Street, London", PostalAddress(town="London")):
        assert andorra.geocode(address).match is None
    match = andorra.geocode("London, Andorra").match
    assert match is not None
    assert (match.label, match.unmatched) == ("Lyndon", ("London",))
    match = andorra.geocode("Lyndom").match
    assert match is not None
    assert (match.label, match.unmatched) == ("Lyndon", ("Lyndom",))


@pytest.mark.parametrize(
    ("town", "country"),
    [("Birchvale", "Vereinigte Staaten von Amerika"), ("Birchvale", "États-Unis d'Amérique"),
     ("Birchvale", "EE. UU."), ("Birchvale", "Estats Units")],
)  # fmt: skip
def test_countries_are_known_by_their_long_names(
    vermont: Gazetteer, town: str, country: str
) -> None:
    match = vermont.geocode(PostalAddress(town=town, country=country)).match
    assert match is not None
    assert (match.label, match.unmatched) == (town, ())


@pytest.mark.parametrize(
    ("code", "lon", "lat", "misplaced"),
    [
        ("17011", -76.8297, 40.2529, True),  # of Camp Hill, beside the middle of Paxtang
        ("17111", -76.7993, 40.2818, False),
        ("89003", -116.7604, 36.9049, False),  # 16 km from its middle, in a desert
        ("05992", -71.9, 44.0, False),  # in no table
    ],
)
def test_a_zip_code_far_from_where_it_is_is_a_slip(
    code: str, lon: float, lat: float, *, misplaced: bool
) -> None:
    assert is_misplaced_zip(code, lon, lat) is misplaced


def test_a_doubtful_zip_code_is_told_alone_and_replaces_no_town(tmp_path: Path) -> None:
    path = tmp_path / "names.sqlite"
    place = {"lon": -76.8297, "lat": 40.2529, "territory": "US-PA"}
    entries = [
        Entry("Paxtang", "village", settlement=None, importance=0.65, **place),  # type: ignore[arg-type]
        Entry("17011", "postcode", settlement="Paxtang", importance=0.45, **place),  # type: ignore[arg-type]
    ]
    Gazetteer.write(path, entries)
    names = Gazetteer.open(path)
    assert (
        names.geocode(PostalAddress(town="Camp Hill", state="PA", postcode="17011")).match is None
    )
    match = names.geocode(PostalAddress(postcode="17011")).match
    assert match is not None
    assert match.unmatched == ("17011",)


RUTLAND = [
    Entry(
        name,
        kind,
        lon,
        lat,
        settlement,
        importance,
        words=(
            "Rutland",
            *(("Stamford",) if name == "High Street" else ()),
            *(("Preston",) if name == "Burley Road" else ()),
        ),
        territory="GB-ENG",
    )
    for name, kind, lon, lat, settlement, importance in (
        ("Ketton", "village", -0.5522, 52.6277, None, 0.65),
        ("Tinwell", "village", -0.5200, 52.6440, None, 0.65),
        ("Preston", "village", -0.7143, 52.6126, None, 0.65),
        ("Stamford Road", "street", -0.5210, 52.6440, "Tinwell", 0.4),
        ("High Street", "street", -0.5525, 52.6280, "Ketton", 0.4),
        ("Burley Road", "street", -0.5523, 52.6279, "Ketton", 0.4),
        ("Burley Road", "street", -0.7150, 52.6127, "Preston", 0.4),
        ("PE9 3TJ", "postcode", -0.5530, 52.6280, "Ketton", 0.45),
        ("PE9 3UD", "postcode", -0.5210, 52.6445, "Tinwell", 0.45),
        ("LE15 9NJ", "postcode", -0.7150, 52.6130, "Preston", 0.45),
    )
]


@pytest.fixture(scope="module")
def rutland(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path = tmp_path_factory.mktemp("rutland") / "names.sqlite"
    Gazetteer.write(path, RUTLAND)
    return Gazetteer.open(path)


@pytest.mark.parametrize(
    ("text", "label", "unmatched"),
    [
        # The post town is on the next map; the first half of the postcode is that of the village.
        ("Ketton, Stamford PE9 3SZ", "Ketton", ("Stamford", "PE9", "3SZ")),
        ("Ketton, Stamford, PE9 3SZ", "Ketton", ("Stamford", "PE9", "3SZ")),
        ("Preston, Stamford PE9 3SZ", None, ()),
        # Half a postcode.
        ("Preston, LE15", "Preston", ()),
        ("Preston LE15", "Preston", ()),
        ("Ketton PE9", "Ketton", ()),
        ("High Street, Ketton, PE9", "High Street, Ketton", ()),
        ("Preston, PR1", None, ()),
        ("Stamford, PE9", None, ()),
        ("High Street, PE9", None, ()),
        # A town of the post that is not on the map may have a street of that name too.
        ("High Street, Stamford", "High Street, Ketton", ("Stamford",)),
        ("High Street, Ketton, Stamford", "High Street, Ketton", ()),
        # The town of a street goes before what else the post calls it.
        ("4 Burley Road Preston Rutland", "Burley Road, Preston", ("4",)),
        # Words of two parts make no street.
        ("Tinwell Road, Stamford PE9 2QQ", None, ()),
        ("Tinwell Road, Stamford", None, ()),
        ("Tinwell, Stamford Road", "Stamford Road, Tinwell", ()),
        ("Stamford Road Tinwell", "Stamford Road, Tinwell", ()),
    ],
)
def test_half_a_postcode_confirms_and_no_street_is_made_of_two_parts(
    rutland: Gazetteer, text: str, label: str | None, unmatched: tuple[str, ...]
) -> None:
    found = rutland.geocode(text).match
    assert (found.label if found else None, found.unmatched if found else ()) == (label, unmatched)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Parish of Ketton", "Ketton"),
        ("Village of Preston, Rutland", "Preston"),
        ("The Ketton", "Ketton"),
        ("High Street, The Ketton", "High Street, Ketton"),
        ("Parròquia d'Ketton", "Ketton"),
        ("Parish Ketton", None),
        ("El Paso", None),
    ],
)
def test_a_name_is_found_behind_an_article_or_the_kind_of_a_settlement(
    rutland: Gazetteer, text: str, label: str | None
) -> None:
    found = rutland.geocode(text).match
    assert (found.label if found else None) == label


def test_a_county_that_is_called_like_a_town_elsewhere_stands_for_no_street(
    vermont: Gazetteer,
) -> None:
    assert vermont.geocode("Back Street, Orleans, VT").match is None
    found = vermont.geocode("Back Street, Orleans County, VT").match
    assert found is not None
    assert (found.label, found.unmatched) == ("Back Street, Birchvale", ())
