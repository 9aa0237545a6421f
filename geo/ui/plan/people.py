"""The people of a roster: how a table becomes people, and what of them a browser may see.

Both are decided here and nowhere else. A home becomes its area while the table is read, and the
plan is made from the area: no position and no address of anybody is kept, or leaves the server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from geo.errors import InputError
from geo.export.listing import Start
from geo.geocoding import RegionExtent
from geo.model import Point
from geo.people import areas_at
from geo.records import Table
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import Person, Roster, read_roster
from geo.settings import read_settings
from geo.ui.origin import coarse_start

_MADE_UP = 40
_TRIES = 25
_SEED = 11
_OUTSIDE = "that home is not in the region, so this person is left out"


def read_people(table: Table, region: Region, columns: Mapping[str, str] | None = None) -> Roster:
    """Return the people of a table that was uploaded, each starting from their area.

    Parameters
    ----------
    columns
        What the table calls some of our columns, as the visitor chose it.

    Raises
    ------
    InputError
        The table cannot be read.
    UnmappedColumns
        It has no ``id``, or no column that says where people start.
    """
    extent = RegionExtent(region.name, region.bbox)
    roster = read_roster(table, region.gazetteer, region=extent, columns=columns)
    return _coarse(roster, region, table.name)


def starts_of(people: Sequence[Person], region: Region) -> Mapping[str, Start]:
    """Return what a browser may know of where people start, by id: their areas."""
    found = _areas(region, [person.point for person in people])
    return {
        person.id: start for person, start in zip(people, found, strict=True) if start is not None
    }


def sample_people(region: Region) -> Roster:
    """Return people who do not exist: the fictional county's, or some along the region's roads.

    Raises
    ------
    InputError
        The county's roster is not installed here.
    """
    if region.manifest.fictional:
        return read_people(sample_path().with_name("roster.csv"), region)
    return _coarse(Roster(tuple(_made_up(region))), region, "")


def _coarse(roster: Roster, region: Region, name: str) -> Roster:
    """Return a roster whose people start from their areas; homes are not in it any more."""
    found = _areas(region, [person.point for person in roster.people])
    people, problems, elsewhere = [], list(roster.problems), roster.elsewhere
    for person, start in zip(roster.people, found, strict=True):
        if start is None or start.point is None:
            problems.append(f"{name}, line {person.line}: {_OUTSIDE}.")
            elsewhere += person.point not in region.bbox
        else:
            people.append(replace(person, point=start.point))
    return replace(roster, people=tuple(people), problems=tuple(problems), elsewhere=elsewhere)


def _areas(region: Region, points: Sequence[Point]) -> list[Start | None]:
    """Return the areas of homes; None where no road is near.

    Where the map has no houses nobody can hide among them: then it is the nearest settlement, or a
    cell of about a kilometre.
    """
    try:
        areas = areas_at(region, points, k=read_settings().homes_per_area)
    except InputError:
        return [coarse_start(region, point) for point in points]
    return [None if area is None else Start(area.label, area.point) for area in areas]


def _made_up(region: Region) -> Sequence[Person]:
    """Scatter people along the roads of a region, the same each time."""
    random = np.random.default_rng(_SEED)
    box = region.bbox
    lon = random.uniform(box.west, box.east, _MADE_UP * _TRIES)
    lat = random.uniform(box.south, box.north, _MADE_UP * _TRIES)
    found = np.flatnonzero(region.network.snap(lon.tolist(), lat.tolist()).found)[:_MADE_UP]
    return [
        Person(f"m{number:02d}", Point(float(lon[i]), float(lat[i])), line=number)
        for number, i in enumerate(found, start=1)
    ]
