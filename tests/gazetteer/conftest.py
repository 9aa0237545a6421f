"""A small county of names, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from geo.gazetteer import Entry, Gazetteer, House

OAKHAM = (-0.73, 52.67)
UPPINGHAM = (-0.72, 52.59)
COUNTY = [
    Entry("Oakham", "town", *OAKHAM, None, 0.8),
    Entry("Uppingham", "town", *UPPINGHAM, None, 0.8),
    Entry("Oakley", "hamlet", -0.60, 52.60, None, 0.55),
    Entry(
        "High Street", "street", -0.7301, 52.6701, "Oakham", 0.4,
        words=("LE15 6AL",),
        houses=(House("12", -0.7302, 52.6702), House("14A", -0.7303, 52.6703)),
    ),
    Entry(
        "High Street", "street", -0.7201, 52.5901, "Uppingham", 0.4,
        words=("LE15 9PZ",), houses=(House("12", -0.7202, 52.5902), House("3-5", -0.7203, 52.5903)),
    ),
    Entry("LE15 6AL", "postcode", -0.7301, 52.6701, "Oakham", 0.45, other_names=("LE156AL",)),
    Entry("12345", "postcode", -0.7201, 52.5901, "Uppingham", 0.45),
    Entry("St Mary's Church", "place", -0.731, 52.671, "Oakham", 0.28, osm_id="n7"),
    Entry("Oak", "place", -0.732, 52.672, "Oakham", 0.28, osm_id="n8"),
    Entry("Łódź Straße", "street", -0.733, 52.673, "Oakham", 0.4),
    Entry("l'Aldosa", "hamlet", -0.5, 52.5, None, 0.55),
    Entry("Sant Julià de Lòria", "village", -0.4, 52.4, None, 0.65, other_names=("San Julián",)),
    Entry("京都", "village", -0.3, 52.3, None, 0.65, other_names=("Kyoto",)),
    Entry("🍕", "place", -0.731, 52.672, "Oakham", 0.28, osm_id="n9"),
    Entry('<img src=x onerror="alert(1)">', "place", -0.7, 52.6, "Oakham", 0.28, osm_id="n10"),
]  # fmt: skip


COUNTY = [replace(entry, words=(*entry.words, "Rutland"), territory="GB-ENG") for entry in COUNTY]


@pytest.fixture
def county(tmp_path: Path) -> Gazetteer:
    Gazetteer.write(tmp_path / "names.sqlite", COUNTY)
    return Gazetteer.open(tmp_path / "names.sqlite")


@pytest.fixture
def county_entries() -> list[Entry]:
    return list(COUNTY)


@pytest.fixture(scope="session")
def county_once(tmp_path_factory: pytest.TempPathFactory) -> Gazetteer:
    path = tmp_path_factory.mktemp("county") / "names.sqlite"
    Gazetteer.write(path, COUNTY)
    return Gazetteer.open(path)
