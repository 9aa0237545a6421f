"""Where rows are: nobody is put where they do not live, and no message says where anybody does."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from geo.gazetteer import Gazetteer, Geocoding, Match, PostalAddress
from geo.geocoding import (
    OtherRegionError,
    RegionExtent,
    RowProblems,
    SwappedPositionError,
    row_location,
    row_point,
)
from geo.model import BBox, Point
from geo.tabular import Row

Answers = Callable[[PostalAddress | str], Geocoding]
HOME = Point(-71.99, 44.0)
BOX = BBox(-72.5, 43.5, -71.5, 44.5)
EXTENT = RegionExtent("rutland", BOX)


class Names:
    """A gazetteer that answers by a function, and remembers what it was asked."""

    def __init__(self, answer: Answers) -> None:
        self.asked: list[PostalAddress | str] = []
        self._answer = answer

    def geocode(self, address: PostalAddress | str) -> Geocoding:
        self.asked.append(address)
        return self._answer(address)


def match(kind: str, *unmatched: str, label: str = "Here") -> Geocoding:
    return Geocoding(Match(label, kind, HOME, label, unmatched=unmatched))


NOTHING = Geocoding(None)


def place(values: dict[str, str], answer: Answers, extent: RegionExtent = EXTENT):
    names = Names(answer)
    return row_location(Row(1, values), cast("Gazetteer", names), extent), names.asked


def test_an_address_is_asked_for_by_its_parts() -> None:
    values = {"address": "12 High Street", "town": "Exton", "county": "Rutland", "state": "VT",
              "postcode": "05991", "country": "US", "team": "Atlas"}  # fmt: skip
    found, asked = place(values, lambda _: match("address", label="12 High Street, Exton"))
    assert asked == [PostalAddress("12 High Street", "Exton", "Rutland", "VT", "05991", "US")]
    assert (found.source, found.certain) == ("address", True)
    assert (found.point, found.label) == (HOME, "12 High Street, Exton")


def test_an_address_in_one_cell_is_asked_for_as_a_text() -> None:
    _, asked = place({"address": "12 High Street, Exton VT 05991"}, lambda _: match("address"))
    assert asked == ["12 High Street, Exton VT 05991"]


@pytest.mark.parametrize(
    ("values", "answer", "source", "certain"),
    [
        ({"town": "Exton"}, match("village"), "town", True),
        ({"postcode": "05991"}, match("postcode"), "postcode", True),
        ({"town": "Exton", "postcode": "05991"}, match("village", "05991"), "town", False),
        ({"address": "12 Nope", "town": "Exton"}, match("village", "12", "nope"), "town", False),
        ({"address": "12 Nope", "town": "Exton"}, match("village"), "town", False),
        ({"address": "12 High St", "town": "Exton"}, match("street", "12"), "address", False),
        ({"address": "1 High St", "town": "Exton"}, match("address"), "address", True),
        ({"address": "1 High St", "postcode": "05991"}, match("postcode"), "postcode", False),
        ({"town": "Exton Parish"}, match("parish"), "town", True),
    ],
)
def test_what_is_found_in_part_is_not_certain(
    values: dict[str, str], answer: Geocoding, source: str, certain: bool
) -> None:
    found, _ = place(values, lambda _: answer)
    assert (found.source, found.certain) == (source, certain)


def test_a_street_that_nobody_knows_leaves_the_town() -> None:
    def answer(address: PostalAddress | str) -> Geocoding:
        assert isinstance(address, PostalAddress)
        assert address.town == "Exton"
        return NOTHING if address.street else match("village")

    found, asked = place({"address": "x", "town": "Exton", "state": "VT"}, answer)
    assert (found.source, found.certain) == ("town", False)
    assert asked[-1] == PostalAddress(town="Exton", state="VT")


def test_the_street_may_stand_in_the_second_line() -> None:
    def answer(address: PostalAddress | str) -> Geocoding:
        assert isinstance(address, PostalAddress)
        return match("address") if address.street == "12 High Street" else match("village", "rose")

    values = {"address": "Rose Cottage", "address_2": "12 High Street", "town": "Exton"}
    found, _ = place(values, answer)
    assert (found.source, found.certain) == ("address", True)
    _, asked = place(values | {"address": "12 High Street", "address_2": "Apt 4"}, answer)
    assert len(asked) == 1


def test_what_is_elsewhere_is_told_with_its_state() -> None:
    values = {"address": "12 Secret Street", "town": "Secretville", "state": "OH"}
    with pytest.raises(OtherRegionError) as caught:
        place(values, lambda _: Geocoding(None, "Ohio"))
    assert str(caught.value) == "the address is in Ohio, not in region rutland"


@pytest.mark.parametrize("elsewhere", ["Secretville", "Secretville, Ohio", "secretville (OH)"])
def test_a_town_is_never_repeated(elsewhere: str) -> None:
    with pytest.raises(OtherRegionError) as caught:
        place({"town": "Sécretville"}, lambda _: Geocoding(None, elsewhere))
    assert str(caught.value) == "the address is in another place, not in region rutland"


def test_what_is_elsewhere_is_not_looked_for_by_less_of_it() -> None:
    """Else the street of another town would be found here."""
    names = Names(lambda one: Geocoding(None, "Ohio") if "OH" in str(one) else match("village"))
    values = {"address": "High Street", "address_2": "2", "town": "Exton", "state": "OH"}
    with pytest.raises(OtherRegionError):
        row_location(Row(1, values), cast("Gazetteer", names), EXTENT)
    assert len(names.asked) == 1


@pytest.mark.parametrize("postcode", ["5992", "5992.0", "501"])
def test_a_zip_code_goes_as_typed_and_may_have_lost_its_zero(postcode: str) -> None:
    names = Names(lambda _: NOTHING)
    with pytest.raises(ValueError, match="leading zero"):
        row_location(Row(1, {"postcode": postcode}), cast("Gazetteer", names))
    assert names.asked == [PostalAddress(postcode=postcode)]


@pytest.mark.parametrize("postcode", ["05992", "LE15 8AA", "AD100", ""])
def test_other_postcodes_have_lost_none(postcode: str) -> None:
    with pytest.raises(ValueError, match="not found") as caught:
        place({"postcode": postcode, "town": "Nowhere"}, lambda _: NOTHING)
    assert "zero" not in str(caught.value)


@pytest.mark.parametrize(
    "values",
    [{}, {"state": "VT"}, {"country": "US", "county": "Rutland"}, {"town": "N/A", "address": "-"}],
)
def test_a_state_alone_is_no_home(values: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no position and no address"):
        place(values, lambda _: match("region"))


@pytest.mark.parametrize(
    ("lat", "lon"),
    [("44.1", "-72.1"), ("44,1", "-72,1"), ("44.1°", "−72.1"), ("44.1 N", "72.1 W"),
     ("44 1/10", "-72 1/10")],
)  # fmt: skip
def test_positions_are_read_in_every_usual_notation(lat: str, lon: str) -> None:
    point = row_point(Row(1, {"lat": lat, "lon": lon}), BOX)
    assert point is not None
    assert (point.lat, point.lon) == pytest.approx((44.1, -72.1))


@pytest.mark.parametrize(("lat", "lon"), [("-72.1", "44.1"), ("-71,9", "44,2")])
def test_swapped_positions_are_noticed_by_the_region(lat: str, lon: str) -> None:
    row = Row(1, {"lat": lat, "lon": lon})
    with pytest.raises(SwappedPositionError):
        row_point(row, BOX)
    assert row_point(row) is not None  # without a region nobody can know


def test_a_position_outside_is_swapped_only_if_that_helps() -> None:
    assert row_point(Row(1, {"lat": "10", "lon": "20"}), BOX) == Point(20, 10)
    with pytest.raises(SwappedPositionError):
        row_point(Row(1, {"lat": "152.5", "lon": "-27.5"}), BBox(152, -28, 153, -27))
    square = BBox(40, 40, 50, 50)
    assert row_point(Row(1, {"lat": "41", "lon": "49"}), square) == Point(49, 41)


@pytest.mark.parametrize(
    ("swapped", "positions", "whole"),
    [(3, 3, True), (3, 4, True), (1, 1, False), (2, 9, False)],
)
def test_rows_that_are_swapped_alike_are_told_once(
    swapped: int, positions: int, whole: bool
) -> None:
    problems = RowProblems("staff.csv", EXTENT)
    for line in range(swapped):
        problems.add(line + 2, SwappedPositionError())
    sentences = problems.sentences(positions=positions)
    assert len(sentences) == (1 if whole else swapped)
    assert all("look swapped" in one for one in sentences)
    assert (f"{swapped} of {positions} lines" in sentences[0]) == whole


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ({"address": "Barcelona"}, False),
        ({"address": "Barcelona, Andorra"}, False),
        ({"address": "Barcelona", "town": "Aixovall"}, True),
        ({"address": "Barcelona, Aixovall"}, True),
        ({"address": "Barcelona", "postcode": "AD600"}, True),
    ],
)
def test_nobody_lives_in_a_shop_that_no_town_was_typed_beside(
    values: dict[str, str], *, found: bool
) -> None:
    shop = Match("Barcelona, Aixovall", "place", HOME, "Barcelona", "Aixovall")
    if found:
        assert place(values, lambda _: Geocoding(shop))[0].point == HOME
    else:
        with pytest.raises(ValueError, match="was not found in region rutland"):
            place(values, lambda _: Geocoding(shop))


def test_a_county_alone_is_uncertain() -> None:
    assert not place({"town": "Rutland"}, lambda _: match("region"))[0].certain
