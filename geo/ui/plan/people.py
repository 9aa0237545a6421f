"""The people of a roster: how a table becomes people, and what of them a browser may see.

Both are decided here and nowhere else. A browser is sent ids, teams and settlements; no position
and no address of anybody leaves the server.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geo.export.listing import Start
from geo.model import Point
from geo.region import Region
from geo.region.build import sample_path
from geo.roster import Person, Roster, read_roster
from geo.rows import Table
from geo.ui.origin import coarse_start

_MADE_UP = 40
_TRIES = 25
_SEED = 11


def read_people(table: Table, region: Region) -> Roster:
    """Return the people of a table that was uploaded.

    Raises
    ------
    InputError
        The table cannot be read.
    BadTable
        It has no ``id``, or no column that says where people start.
    """
    return read_roster(table, region.gazetteer)


def shown_point(person: Person, region: Region) -> Start:
    """Return what a browser may know of where somebody starts: a settlement, or a coarse cell."""
    return coarse_start(region, person.point)


def sample_people(region: Region) -> Roster:
    """Return people who do not exist: the fictional county's, or some along the region's roads.

    Raises
    ------
    InputError
        The county's roster is not installed here.
    """
    if region.manifest.fictional:
        return read_people(sample_path().with_name("roster.csv"), region)
    return Roster(tuple(_made_up(region)))


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
