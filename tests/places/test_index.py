"""The index of places on disk."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import UnknownName, UnreadableRegion
from geo.model import Place, Point
from geo.places import PlaceIndex, load_kinds

CAFE = Place(
    "n5", "Café <b>Ñandú</b>", "cafe", Point(1.5, 42.5), {"amenity": "cafe"},
    datetime(2024, 4, 20, 19, 30, tzinfo=UTC),
)  # fmt: skip
LIBRARY = Place("w7", None, "library", Point(-0.7, 52.6), {"amenity": "library", "a": "1\n2"})
HALL = Place("r9", "Hall", "community_centre", Point(179.9, -45.0))
PLACES = [CAFE, LIBRARY, HALL]


@pytest.fixture
def index(tmp_path: Path) -> PlaceIndex:
    PlaceIndex.write(tmp_path / "places", PLACES)
    return PlaceIndex.open(tmp_path / "places")


def test_rows_keep_their_order(index: PlaceIndex) -> None:
    assert list(index) == PLACES
    assert len(index) == 3
    assert index.lon.tolist() == [1.5, -0.7, 179.9]
    assert index.lat.tolist() == [42.5, 52.6, -45.0]
    assert index[1] is index[1]


def test_rows_are_chosen_by_kind(index: PlaceIndex) -> None:
    assert index.rows().tolist() == [0, 1, 2]
    assert index.rows(["community_centre", "cafe"]).tolist() == [0, 2]
    assert index.rows(["pub"]).tolist() == []
    assert index.rows([]).tolist() == []
    assert index.counts()["library"] == 1
    with pytest.raises(UnknownName, match="cafe"):
        index.rows(["cafes"])


def test_a_hotel_with_a_restaurant_is_found_as_both(tmp_path: Path) -> None:
    hotel = Place("n1", "Inn", "hotel", Point(0, 0), other_kinds=("bar", "restaurant"))
    index = PlaceIndex.write(tmp_path, [hotel, CAFE])
    assert index.rows(["restaurant"]).tolist() == index.rows(["hotel"]).tolist() == [0]
    assert index.rows(["restaurant", "hotel", "cafe"]).tolist() == [0, 1]
    assert index.counts()["hotel"] == 1
    assert index.counts()["restaurant"] == 0
    assert index.take([0, 1], ["restaurant"])[0].kind == "restaurant"
    assert index.take([0], ["restaurant", "hotel"])[0].kind == "hotel"
    assert index.take([0])[0].kind == "hotel"
    assert index[0].other_kinds == ("bar", "restaurant")


def test_a_place_is_found_by_its_id(index: PlaceIndex) -> None:
    assert index.find("r9") == 2
    assert index.find("n5") == 0
    assert index.find("n") is None
    assert index.find("r99") is None
    with pytest.raises(IndexError):
        index[3]
    with pytest.raises(IndexError):
        index[-1]


def test_the_same_places_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        PlaceIndex.write(tmp_path / name, PLACES)
    files = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert files
    assert all(
        (tmp_path / "a" / n).read_bytes() == (tmp_path / "b" / n).read_bytes() for n in files
    )


def test_a_region_without_places_opens(tmp_path: Path) -> None:
    index = PlaceIndex.write(tmp_path / "none", [])
    assert list(index) == []
    assert index.rows(["cafe"]).tolist() == []


def test_arrays_cannot_be_written(index: PlaceIndex) -> None:
    with pytest.raises(ValueError, match="read-only"):
        index.lon[0] = 3


@pytest.mark.parametrize(
    "name", ["lon.npy", "places.jsonl", "starts.npy", "kinds.json", "other_kinds.npy"]
)
@pytest.mark.parametrize("fault", ["missing", "empty", "cut"])
def test_damage_is_found_when_opened(tmp_path: Path, name: str, fault: str) -> None:
    folder = tmp_path / "places"
    PlaceIndex.write(folder, PLACES)
    file = folder / name
    data = file.read_bytes()
    file.unlink()
    if fault != "missing":
        file.write_bytes(b"" if fault == "empty" else data[:-3])
    with pytest.raises(UnreadableRegion, match="build the region again"):
        PlaceIndex.open(folder)


places = st.builds(
    Place,
    osm_id=st.integers(1, 2**40).map(lambda number: f"n{number}"),
    name=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
    kind=st.sampled_from(sorted(load_kinds())),
    point=st.builds(Point, st.floats(-180, 180), st.floats(-90, 90)),
    tags=st.dictionaries(*[st.text(st.characters(exclude_categories=["Cs"]), max_size=9)] * 2),
    timestamp=st.none() | st.datetimes(timezones=st.just(UTC)),
)


@settings(max_examples=50)
@given(st.lists(places, max_size=8))
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, written: list[Place]
) -> None:
    index = PlaceIndex.write(tmp_path_factory.mktemp("places"), written)
    assert list(index) == written
    kinds = np.array([place.kind for place in written])
    assert index.rows(["cafe"]).tolist() == np.flatnonzero(kinds == "cafe").tolist()
