"""The sample roster: fictional staff of a fictional firm, spread over the fictional county.

Three teams; a couple on each shore of the lake, and one person beyond the high pass. Everybody
lives at an address of the map, so that a roster by address and one by position give the same
answer.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.sample.maker.buildings import Building
from data.sample.maker.county import County
from data.sample.maker.settlements import Site
from geo.geometry import LocalPlane

PEOPLE = 24
COLUMNS = (
    "id",
    "name",
    "team",
    "town",
    "address",
    "postcode",
    "lat",
    "lon",
    "weight",
    "conditions",
)
_TEAMS = ("Atlas", "Beacon", "Compass")
_FIRST = (
    "Avis", "Bram", "Cleo", "Dov", "Enid", "Fen", "Greta", "Hal", "Ines", "Jory", "Kit", "Lune",
    "Milo", "Nell", "Orin", "Pia", "Quin", "Rhea", "Sol", "Tess", "Uma", "Vito", "Wren", "Zeno",
)  # fmt: skip
_LAST = "(fictional)"
_NEAREST = {"town": 900, "village": 150, "hamlet": 6}
"""Among how many houses around the middle a home is drawn."""


@dataclass(frozen=True, slots=True)
class _Home:
    house: Building
    site: Site


def write_roster(path: Path, county: County, plane: LocalPlane, *, seed: int) -> None:
    """Write the roster as CSV: UTF-8, one row a person.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    homes = _homes(np.random.default_rng(seed), county)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for index, home in enumerate(homes):
            lon, lat = plane.to_lon_lat(*home.house.center)
            table.writerow(
                [
                    f"p{index + 1:02d}",
                    f"{_FIRST[index]} {_LAST}",
                    _TEAMS[index % len(_TEAMS)],
                    home.site.name,
                    f"{home.house.number} {home.house.street}",
                    home.house.tags["addr:postcode"],
                    f"{lat:.6f}",
                    f"{lon:.6f}",
                    2 if index == 3 else 1,
                    "mud" if index == 7 else "",
                ]
            )


def _homes(rng: np.random.Generator, county: County) -> list[_Home]:
    """Choose where people live: the story's hamlets first, then villages, hamlets and the town."""
    by_role = [site for site in county.sites if site.role == "shore" for _ in range(2)]
    by_role += [site for site in county.sites if site.role == "beyond"]
    villages = [site for site in county.sites if site.kind == "village"]
    hamlets = [site for site in county.sites if site.kind == "hamlet" and not site.role]
    chosen = by_role + villages + [hamlets[row] for row in rng.permutation(len(hamlets)).tolist()]
    town = [site for site in county.sites if site.kind == "town"]
    homes: list[_Home] = []
    for site in [*town * 3, *chosen]:
        house = _vacant(rng, county, site, [home.house for home in homes])
        if house is not None and len(homes) < PEOPLE:
            homes.append(_Home(house, site))
    return homes


def _vacant(
    rng: np.random.Generator, county: County, site: Site, taken: Sequence[Building]
) -> Building | None:
    """Return a house of a settlement with an address and nothing but people in it."""
    row = county.sites.index(site)
    free = [
        house
        for house in county.houses
        if house.site == row
        and "addr:street" in house.tags
        and len(house.tags) == 5
        and not any(house is other for other in taken)
    ]
    here = np.array([site.x_m, site.y_m])
    free.sort(key=lambda house: float(np.hypot(*(house.center - here))))
    near = free[: _NEAREST[site.kind]]
    return near[int(rng.integers(len(near)))] if near else None
