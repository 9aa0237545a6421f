"""Colleagues on a page that looks for places: a line over the list, and areas on its map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from geo.model import Point
from geo.network import Conditions
from geo.privacy.bands import bands
from geo.region import Region
from geo.ui import words
from geo.ui.colleagues.areas import markers, where_colleagues
from geo.ui.colleagues.seeing import colleagues_near
from geo.ui.map import Band, Person
from geo.ui.map.palette import PEOPLE_COLORS
from geo.ui.words import capital
from geo.ui.words import colleagues as said

_COLOR = PEOPLE_COLORS[3]


@dataclass(frozen=True, slots=True)
class Within:
    """The colleagues within a drive.

    Attributes
    ----------
    line
        What to say of them; empty where there is nothing to say.
    areas, markers
        Where they live, as others may see it.
    """

    line: str = ""
    areas: Sequence[Band] = ()
    markers: Sequence[Person] = ()


def colleagues_within(
    region: Region, origin: Point, minutes: float, conditions: Conditions
) -> Within:
    """Return the colleagues within the widest band that a drive holds, seen from a start."""
    seen = colleagues_near(region, origin, conditions=conditions)
    if seen.nearby is None:
        return Within(capital(seen.told))
    band = max((one for one in bands() if one <= minutes), default=bands()[0])
    found = seen.nearby.within(band)
    return Within(
        said.line(len(found), words.minutes(band)),
        where_colleagues(found, _COLOR),
        markers(found, color=_COLOR),
    )
