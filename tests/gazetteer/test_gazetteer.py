"""The gazetteer: a county searched in every way that people type, and hostile text.

Which settlement a position belongs to.
"""

from __future__ import annotations

import string
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openlocationcode import openlocationcode

from geo.errors import BadCoordinates, UnreadableRegion
from geo.gazetteer import Entry, Gazetteer, Settlements
from geo.geometry import METRES_PER_DEGREE
from geo.model import Point
from geo.region import Region


def first(gazetteer: Gazetteer, text: str, near: Point | None = None) -> str | None:
    found = gazetteer.search(text, near=near)
    return found[0].label if found else None


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Oakham", "Oakham"),
        ("oakham", "Oakham"),
        ("oa", "Oakham"),
        ("oakl", "Oakley"),
        ("oak", "Oak, Oakham"),
        ("  OAKHAM,  ", "Oakham"),
        ("high street, uppingham", "High Street, Uppingham"),
        ("uppingham high street", "High Street, Uppingham"),
        ("high st upp", "High Street, Uppingham"),
        ("st marys church", "St Mary's Church, Oakham"),
        ("St Mary’s", "St Mary's Church, Oakham"),
        ("saint mary s", "St Mary's Church, Oakham"),
        ("lodz strasse", "Łódź Straße, Oakham"),
        ("aldosa", "l'Aldosa"),
        ("laldosa", "l'Aldosa"),
        ("L'ALDOSA", "l'Aldosa"),
        ("sant julia", "Sant Julià de Lòria"),
        ("San Julian", "Sant Julià de Lòria"),
        ("京", "京都"),
        ("kyoto", "京都"),
        ("🍕", "🍕, Oakham"),
        ("LE15 6AL", "LE15 6AL, Oakham"),
        ("le156al", "LE15 6AL, Oakham"),
        ("Uppingham 12345", "Uppingham"),
        ("high street le15 9pz", "High Street, Uppingham"),
        ("High Street, Oakham, Rutland, England", "High Street, Oakham"),
    ],
)
def test_names_are_found_as_people_type_them(county: Gazetteer, text: str, label: str) -> None:
    assert first(county, text) == label


@pytest.mark.parametrize(
    ("text", "label", "point"),
    [
        ("12 High Street, Oakham", "12 High Street, Oakham", Point(-0.7302, 52.6702)),
        ("High Street 12, Oakham", "High Street 12, Oakham", Point(-0.7302, 52.6702)),
        ("12 High Street, Uppingham", "12 High Street, Uppingham", Point(-0.7202, 52.5902)),
        ("14a high st oakham", "14A High Street, Oakham", Point(-0.7303, 52.6703)),
        ("5 High Street Uppingham", "3-5 High Street, Uppingham", Point(-0.7203, 52.5903)),
        ("12 Hihg Street, Uppingham", "12 High Street, Uppingham", Point(-0.7202, 52.5902)),
        ("99 High Street, Oakham", "High Street, Oakham", Point(-0.7301, 52.6701)),
    ],
)
def test_addresses(county: Gazetteer, text: str, label: str, point: Point) -> None:
    match = county.search(text)[0]
    assert (match.label, match.point) == (label, point)
    assert match.kind == ("street" if text.startswith("99") else "address")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("okaham", "Oakham"),
        ("oakhm", "Oakham"),
        ("oakhamm", "Oakham"),
        ("pakham", "Oakham"),
        ("uppngh", "Uppingham"),
        ("high street, upingham", "High Street, Uppingham"),
        ("sant juila", "Sant Julià de Lòria"),
        ("marys chruch", "St Mary's Church, Oakham"),
    ],
)
def test_one_slip_is_mended(county: Gazetteer, text: str, label: str) -> None:
    assert first(county, text) == label


def test_the_nearer_of_two_goes_first(county: Gazetteer) -> None:
    assert first(county, "high street", Point(-0.73, 52.66)) == "High Street, Oakham"
    assert first(county, "high street", Point(-0.72, 52.58)) == "High Street, Uppingham"
    assert first(county, "12 high street", Point(-0.72, 52.58)) == "12 High Street, Uppingham"
    assert first(county, "kyoto", Point(-0.72, 52.58)) == "京都"
    assert first(county, "oakham", Point(179.99, -89.9)) == "Oakham"


def test_positions_pass_through(county: Gazetteer) -> None:
    (match,) = county.search("52.65, -0.71")
    assert (match.kind, match.point) == ("coordinates", Point(-0.71, 52.65))
    assert county.search("95, 10") == []


def test_links_and_plus_codes_pass_through(county: Gazetteer) -> None:
    town = county.search("Oakham", limit=1)[0]
    code = openlocationcode.encode(town.point.lat, town.point.lon, 11)
    link = f"https://www.google.com/maps/search/?api=1&query={town.point.lat}%2C{town.point.lon}"
    padding = "&entry=" + "x" * 400  # a link is longer than any name
    for text in (code, f"{code[4:]} {town.name}", link, link + padding):
        (match,) = county.search(text)
        assert match.kind == "coordinates"
        assert match.point.lat == pytest.approx(town.point.lat, abs=5e-5)
        assert match.point.lon == pytest.approx(town.point.lon, abs=5e-5)


def test_a_shortened_link_is_no_name(county: Gazetteer) -> None:
    assert county.search("https://maps.app.goo.gl/abc") == []
    with pytest.raises(BadCoordinates, match="shortened"):
        county.parse_position("https://maps.app.goo.gl/abc")


def test_a_match_knows_what_it_is(county: Gazetteer) -> None:
    match = county.search("st marys church")[0]
    assert (match.name, match.kind) == ("St Mary's Church", "place")
    assert (match.settlement, match.osm_id) == ("Oakham", "n7")
    hostile = county.search("<img src=x")[0]
    assert hostile.name == '<img src=x onerror="alert(1)">'


@pytest.mark.parametrize("limit", [0, 1, 3, -1])
def test_the_limit_holds(county: Gazetteer, limit: int) -> None:
    assert len(county.search("oak", limit=limit)) == max(0, limit)


def test_the_settlement_of_a_position(county: Gazetteer) -> None:
    near = county.nearest_settlement(Point(-0.731, 52.661))
    assert near is not None
    assert near.name == "Oakham"
    assert county.reverse_label(Point(-0.731, 52.661)) == "near Oakham"
    address = county.nearest_address(Point(-0.7302, 52.67025))
    assert address is not None
    assert address.label == "12 High Street, Oakham"
    assert county.nearest_address(Point(-0.6, 52.6)) is None


HOSTILE = [
    "", " ", ",", ",,,", "\0", "oak\0ham", '"', '""', "'", "*", "^", "oak*", '"oak', "NEAR(a b)",
    "a AND b", "OR", "NOT oak", "words : oak", "{words} : oak", "(", ")", "-oak", "+", "a" * 10_000,
    "a " * 5_000, "1 " * 5_000, "," * 10_000, "🍕🏔️", "\ud800", "é" * 500, "; DROP TABLE name;--",
    "12", "12 12", "%", "_", "\\", "\n\t", "ﷺ", "ㄱ", "\u202eoakham", "0" * 300, "nan,nan", "1e5,2",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_is_an_error(county: Gazetteer, text: str) -> None:
    for near in (None, Point(-0.7, 52.6)):
        assert len(county.search(text, near=near)) <= 8


def test_a_region_without_names_answers(tmp_path: Path) -> None:
    Gazetteer.write(tmp_path / "names.sqlite", [])
    gazetteer = Gazetteer.open(tmp_path / "names.sqlite")
    assert gazetteer.search("oakham") == []
    assert gazetteer.nearest_settlement(Point(0, 0)) is None
    assert gazetteer.nearest_address(Point(0, 0)) is None
    assert gazetteer.reverse_label(Point(0, 0)) is None


def test_many_threads_search_at_once(county: Gazetteer) -> None:
    texts = ["oakham", "12 high street, uppingham", "okaham", "aldosa"] * 20
    expected = [first(county, text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: first(county, text), texts)) == expected
    county.close()
    assert first(county, "oakham") == "Oakham"


def test_the_same_entries_give_the_same_bytes(tmp_path: Path, county_entries: list[Entry]) -> None:
    Gazetteer.write(tmp_path / "a.sqlite", county_entries)
    Gazetteer.write(tmp_path / "b.sqlite", list(reversed(county_entries)))
    assert (tmp_path / "a.sqlite").read_bytes() == (tmp_path / "b.sqlite").read_bytes()


@pytest.mark.parametrize("fault", ["missing", "empty", "cut", "noise"])
def test_damage_is_found(tmp_path: Path, county_entries: list[Entry], fault: str) -> None:
    path = tmp_path / "names.sqlite"
    Gazetteer.write(path, county_entries)
    data = path.read_bytes()
    path.unlink()
    if fault != "missing":
        damaged = {"empty": b"", "cut": data[: len(data) // 3], "noise": b"x" * 5000}[fault]
        path.write_bytes(damaged)
    with pytest.raises(UnreadableRegion, match="build the region again"):
        Gazetteer.open(path).search("oakham")


LETTERS = string.ascii_letters + "àéçñøłčžπж"  # each folds to one letter, so that a slip is one
words = st.text(LETTERS, min_size=2, max_size=9)
names = st.lists(words, min_size=1, max_size=3).map(" ".join)
kinds = st.sampled_from(["town", "village", "hamlet", "street", "place"])


def _entries(given_names: list[str], kind: str) -> list[Entry]:
    return [Entry(name, kind, 0.01 * row, 50.0, None, 0.5) for row, name in enumerate(given_names)]


@settings(max_examples=60)
@given(st.lists(names | st.text(min_size=1, max_size=12), min_size=1, max_size=6), kinds)
def test_every_name_finds_itself(
    tmp_path_factory: pytest.TempPathFactory, given_names: list[str], kind: str
) -> None:
    seen = [name for name in given_names if name.isprintable() and name.strip()]
    path = tmp_path_factory.mktemp("names") / "names.sqlite"
    Gazetteer.write(path, _entries(seen, kind))
    gazetteer = Gazetteer.open(path)
    for name in seen:
        if _is_no_position(gazetteer, name):
            assert name in {match.name for match in gazetteer.search(name, limit=50)}
    gazetteer.close()


def _is_no_position(gazetteer: Gazetteer, text: str) -> bool:
    try:
        return gazetteer.parse_position(text) is None
    except BadCoordinates:
        return False


@settings(max_examples=80)
@given(
    st.lists(names.filter(lambda name: len(name) >= 6), min_size=1, max_size=6),
    st.data(),
)
def test_a_name_with_one_slip_finds_itself(
    tmp_path_factory: pytest.TempPathFactory, given_names: list[str], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("names") / "names.sqlite"
    Gazetteer.write(path, _entries(given_names, "village"))
    gazetteer = Gazetteer.open(path)
    name = data.draw(st.sampled_from(given_names))
    slipped = data.draw(_slips(name))
    assert name in {match.name for match in gazetteer.search(slipped, limit=50)}, slipped
    gazetteer.close()


@st.composite
def _slips(draw: st.DrawFn, name: str) -> str:
    """Draw a text one slip away: a letter of a word of three or more is wrong, missing..."""
    spots = [
        at
        for at, char in enumerate(name)
        if char != " " and len(next(w for w in _spans(name) if w[0] <= at < w[1])[2]) > 2
    ]
    if not spots:
        return name
    at = draw(st.sampled_from(spots))
    letter = draw(st.sampled_from(string.ascii_lowercase))
    following = name[at + 1 : at + 2]
    return draw(
        st.sampled_from(
            [
                name[:at] + letter + name[at + 1 :],
                name[:at] + name[at + 1 :],
                name[:at] + letter + name[at:],
                name[:at] + following + name[at] + name[at + 2 :] if following.strip() else name,
            ]
        )
    )


def _spans(name: str) -> list[tuple[int, int, str]]:
    spans, start = [], 0
    for word in name.split(" "):
        spans.append((start, start + len(word), word))
        start += len(word) + 1
    return spans


@given(text=st.text(max_size=60))
def test_any_text_is_answered(county_once: Gazetteer, text: str) -> None:
    for near in (None, Point(-0.7, 52.6)):
        county_once.search(text, near=near)


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("andorra la v", "Andorra la Vella", "town"),
        ("encmap", "Encamp", "town"),
        ("avinguda meritxell, andorra la vella", "Avinguda Meritxell, Andorra la Vella", "street"),
        ("AD500", "AD500, Andorra la Vella", "postcode"),
        ("pic de comapedrosa", "Pic de Comapedrosa, Arinsal", "peak"),
    ],
)
def test_andorra(andorra: Region, text: str, label: str, kind: str) -> None:
    match = andorra.gazetteer.search(text)[0]
    assert (match.label, match.kind) == (label, kind)


@pytest.mark.parametrize(
    ("text", "label", "kind"),
    [
        ("oakham", "Oakham", "town"),
        ("whissendin", "Whissendine", "village"),
        ("main st cottesmore", "Main Street, Cottesmore", "street"),
        ("LE15 6RE", "LE15 6RE, Oakham", "postcode"),
        ("rutland water", "Rutland Water, Normanton", "water"),
    ],
)
def test_rutland(rutland: Region, text: str, label: str, kind: str) -> None:
    match = rutland.gazetteer.search(text)[0]
    assert (match.label, match.kind) == (label, kind)


KM = 1000 / METRES_PER_DEGREE


def test_a_town_reaches_further_than_a_hamlet() -> None:
    found = Settlements(np.array([0.0, 0.0]), np.array([0.0, 4 * KM]), np.array([1.8, 0.6]))
    rows, away_m = found.nearest([0.0, 0.0, 0.0], [1 * KM, 2.9 * KM, 3.1 * KM])
    assert rows.tolist() == [0, 0, 1]
    assert np.allclose(away_m, [1000 / 1.8, 2900 / 1.8, 900 / 0.6], rtol=1e-6)
    assert found.nearest_to(Point(0, 2.9 * KM)) == 0


def test_without_settlements_nobody_is_at_home() -> None:
    nothing = Settlements(np.zeros(0), np.zeros(0), np.zeros(0))
    assert nothing.nearest([1.0], [2.0])[0].tolist() == [-1]
    assert nothing.nearest_to(Point(1, 2)) is None


spots = st.tuples(st.floats(-1, 1), st.floats(50, 51), st.sampled_from([3.0, 1.8, 1.0, 0.6]))


@given(st.lists(spots, min_size=1, max_size=10, unique=True), st.floats(-1, 1), st.floats(50, 51))
def test_one_position_equals_many(
    found: list[tuple[float, float, float]], lon: float, lat: float
) -> None:
    settlements = Settlements(*np.array(found).T)
    _, away_m = settlements.nearest([lon], [lat])
    row = settlements.nearest_to(Point(lon, lat))
    assert row is not None
    chosen = Settlements(*np.array([found[row]]).T)
    assert chosen.nearest([lon], [lat])[1][0] <= away_m[0] * 1.02 + 1  # two planes, one answer
