from __future__ import annotations

import pytest
from geopy.point import Point as GeopyPoint
from hypothesis import given
from hypothesis import strategies as st

from geo.coordinates.notation import parse_degrees
from geo.errors import BadCoordinates
from geo.model import Point

CUP = Point(-71.9974, 44.0019)
TEN_METRES = 1e-4

SAME_PLACE = [
    "44.0019,-71.9974",
    "  44.0019 , -71.9974 ",
    "44.0019;-71.9974",
    "44.0019 -71.9974",
    "44.0019/-71.9974",
    "(44.0019, -71.9974)",
    "[44.0019, -71.9974]",
    "+44.0019, -71.9974",
    "44.0019\u00b0, \u221271.9974\u00b0",
    "44.0019\u00b0 -71.9974\u00b0",
    "44,0019; -71,9974",
    "44,0019 -71,9974",
    "44,0019, -71,9974",
    "44,0019,-71,9974",
    "44,0019\u00b0 N, 71,9974\u00b0 W",
    "44.0019N 71.9974W",
    "44.0019 n, 71.9974 w",
    "44.0019\u00b0\u00a0N, 71.9974\u00b0\u00a0W",
    "N44.0019 W71.9974",
    "N 44.0019, W 71.9974",
    "N 44.0019 E -71.9974",
    "W 71.9974 N 44.0019",
    "71.9974W, 44.0019N",
    "44.0019N, -71.9974",
    "-71.9974, 44.0019N",
    "44.0019 degrees north, 71.9974 degrees west",
    "44\u00b0 00.114' N 71\u00b0 59.844' W",
    "N 44\u00b0 00.114' W 071\u00b0 59.844'",
    "N44 00.114 W071 59.844",
    "44 00.114, -71 59.844",
    "44 00,114 N 71 59,844 W",
    "44\u00b000\u203206.84\u2033N 71\u00b059\u203250.64\u2033W",
    "44\u00b0 0' 6.84\" N, 71\u00b0 59' 50.64\" W",
    "44\u00b000'06.84''N, 71\u00b059'50.64''W",
    "44\u00ba00\u201906,84\u201dN 71\u00ba59\u201950,64\u201dW",
    "W71\u00b059'50.64\" N44\u00b000'06.84\"",
    "440006.84N 0715950.64W",
    "440006.84N0715950.64W",
    "N440006.84 W0715950.64",
    "4400.114N 07159.844W",
    "44 00 06.84 N 71 59 50.64 W",
    "44 00 06.84 -71 59 50.64",
    "44:00:06.84N 71:59:50.64W",
    "44-00-06.84N 071-59-50.64W",
    "44d00m06.84s N 71d59m50.64s W",
    "44d00m06.84s, -71d59m50.64s",
    "+44.0019-071.9974/",
    "+440006.84-0715950.64/",
    "Lat: 44.0019 Lon: -71.9974",
    "lat=44.0019, lng=-71.9974",
    "Latitude: 44\u00b0 0' 6.84\" N, Longitude: 71\u00b0 59' 50.64\" W",
    "Latitude 44\u00b0 0' 6.84\" N Longitude 71\u00b0 59' 50.64\" W",
    "lon -71.9974, lat 44.0019",
    "Lat/Lon: 44.0019, -71.9974",
    "Lon/Lat: -71.9974, 44.0019",
    "GPS: 44.0019, -71.9974",
    "My location: 44.0019, -71.9974",
    '{"lat": 44.0019, "lng": -71.9974}',
    "{'latitude':44.0019,'longitude':-71.9974}",
    '{"type":"Point","coordinates":[-71.9974,44.0019]}',
    "POINT(-71.9974 44.0019)",
    "SRID=4326;POINT Z (-71.9974 44.0019 12)",
    "44.0019, -71.9974, 350 m",
]


@pytest.mark.parametrize("text", SAME_PLACE)
def test_every_notation_is_the_same_place(text: str) -> None:
    found = parse_degrees(text)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((CUP.lon, CUP.lat), abs=TEN_METRES)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("41.9966006S, 6.1223825E", Point(6.1223825, -41.9966006)),  # S is no "seconds" here
        ("-33.9 , 18.4 ", Point(18.4, -33.9)),
        ("+.5,-.25", Point(-0.25, 0.5)),
        ("90,180", Point(180, 90)),
        ("33\u00b054\u2032S 18\u00b024\u2032E", Point(18.4, -33.9)),
        ("48,2082\u00b0 Nord, 16,3738\u00b0 Ost", Point(16.3738, 48.2082)),
        ("48.85 nord 2.35 est", Point(2.35, 48.85)),
    ],
)
def test_hemispheres_and_words(text: str, point: Point) -> None:
    found = parse_degrees(text)
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((point.lon, point.lat))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Oakham",
        "42.5",
        "1,2,3",
        "42.5,1.5 Street",
        "12 5 Street",
        "44 Main St",
        "12 North St",
        "12 E 42 St",
        "5 S",
        "44 N",
        "350 S 200 E",
        "45 N 100 W",
        "W156 N8480",
        "N48W12345 Main St",
        "Route 9 N",
        "B 85",
        "114 55",
        "12 5",
        "05992 1234",
        "802 555 1234",
        "12/5",
        "12-14",
        "12 and 14",
        "12-14 Main St",
        "12, 5th Avenue",
        "12 West, Unit 5",
        "9:00-17:00",
        "9.00-17.00",
        "12:30, 13:45",
        "44 N 12 N",
        "12\u00bd Main St",
    ],
)
def test_addresses_postcodes_and_hours_are_no_positions(text: str) -> None:
    assert parse_degrees(text) is None


@pytest.mark.parametrize(
    "text",
    [
        *("91,0", "0,181", "-90.01,0", "nan,nan", "inf,0", "1e1,2", "0 -Infinity", "95 N 0 E"),
        "44\u00b0 75' N 71\u00b0 10' W",
        "POINT(44.0 -171.9)",
    ],
)
def test_what_is_written_like_a_position_and_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadCoordinates):
        parse_degrees(text)


def test_an_o_is_east_or_west_and_is_asked_for() -> None:
    with pytest.raises(BadCoordinates, match="east or west"):
        parse_degrees("48.5 N 9.1 O")


def _parts(value: float) -> tuple[int, int, float]:
    """Degrees, minutes and seconds to a hundredth, without a sign."""
    hundredths = round(abs(value) * 360_000)
    return hundredths // 360_000, hundredths // 6_000 % 60, hundredths % 6_000 / 100


def _dms(value: float, letters: str, form: str) -> str:
    degrees, minutes, seconds = _parts(value)
    return form.format(
        letter=letters[value < 0],
        d=degrees,
        m=minutes,
        s=f"{seconds:05.2f}",
        dm=f"{minutes + seconds / 60:07.4f}",
        dd=f"{abs(value):.6f}",
        sign="-" if value < 0 else "",
    )


NOTATIONS = [
    ("{sign}{dd}", ", "),
    ("{sign}{dd}", " "),
    ("{dd}{letter}", " "),
    ("{letter}{dd}", " "),
    ("{dd}\u00b0 {letter}", ", "),
    ("{letter} {d}\u00b0 {dm}'", " "),
    ("{d} {dm} {letter}", " "),
    ("{sign}{d} {dm}", ", "),
    ("{d}\u00b0{m}\u2032{s}\u2033{letter}", " "),
    ("{d} {m} {s} {letter}", " "),
    ("{d}:{m}:{s}{letter}", ", "),
    ("{letter}{d}-{m}-{s}", " "),
    ("{d}d{m}m{s}s {letter}", " "),
]
# Without the exact equator and meridian: there "-0.000000" is the same place as "0.000000".
LAT, LON = st.floats(-89.99, 89.99), st.floats(-179.99, 179.99)


@pytest.mark.parametrize(("form", "between"), NOTATIONS)
@given(lat=LAT, lon=LON, comma=st.booleans(), swap=st.booleans())
def test_a_position_survives_every_notation(
    form: str, between: str, lat: float, lon: float, comma: bool, swap: bool
) -> None:
    halves = [_dms(lat, "NS", form), _dms(lon, "EW", form)]
    if swap and "{letter}" in form:
        halves.reverse()
    if comma and between == " " and "{letter}" in form:
        halves = [half.replace(".", ",") for half in halves]
    found = parse_degrees(between.join(halves))
    assert found is not None
    assert (found.lon, found.lat) == pytest.approx((lon, lat), abs=1e-5)


@given(lat=LAT, lon=LON)
def test_where_geopy_reads_the_same_text_it_finds_the_same_place(lat: float, lon: float) -> None:
    form = "{d}\u00b0 {m}\u2032 {s}\u2033 {letter}"
    text = f"{_dms(lat, 'NS', form)}, {_dms(lon, 'EW', form)}"
    theirs = GeopyPoint.from_string(text)
    ours = parse_degrees(text)
    assert ours is not None
    assert (ours.lat, ours.lon) == pytest.approx((theirs.latitude, theirs.longitude), abs=1e-6)


WORDS = st.lists(
    st.one_of(
        st.integers(0, 12_000).map(str),
        st.sampled_from(["N", "S", "E", "W", "St", "Main", "Apt", "Unit", "VT", "12B", "Rd", "#"]),
    ),
    min_size=1,
    max_size=7,
)


@given(WORDS, st.sampled_from([" ", ", "]))
def test_whole_numbers_among_words_of_addresses_are_no_positions(
    words: list[str], between: str
) -> None:
    has_street = any(
        word in {"St", "Main", "Apt", "Unit", "VT", "12B", "Rd", "#"} for word in words
    )
    if has_street:
        assert parse_degrees(between.join(words)) is None


@given(st.text(max_size=80))
def test_any_text_is_a_position_or_none_or_refused(text: str) -> None:
    try:
        found = parse_degrees(text)
    except BadCoordinates:
        return
    assert found is None or (-90 <= found.lat <= 90 and -180 <= found.lon <= 180)


def test_digits_in_a_row_are_degrees_minutes_and_seconds() -> None:
    assert parse_degrees("423022N 0013126E") == Point(
        lon=1 + 31 / 60 + 26 / 3600, lat=42.5 + 22 / 3600
    )
    assert parse_degrees("4230S 00131W") == Point(lon=-1 - 31 / 60, lat=-42.5)
    assert parse_degrees("123456N 123456W") is None
    with pytest.raises(BadCoordinates, match="below 60"):
        parse_degrees("427022N 0013126E")
