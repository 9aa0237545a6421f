"""Which of several names a person means: how much of it was typed, how important, how near.

The weights are a judgement, and simple on purpose: the whole name beats a part of it, a mended slip
costs more than importance can make up for, and nearness decides between streets of one name.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from geo.gazetteer.entry import Match
from geo.gazetteer.plane import plane_distance_m
from geo.gazetteer.query import Query
from geo.gazetteer.reading import HouseRow, NameRow
from geo.model import Point

_WHOLE_NAME = 1.5
_SAME_BEGINNING = 0.3
_HOUSE = 1.0
_SLIP = -0.6
_WORD_GIVEN_UP = -0.2
_NEARNESS = 0.6
_FALL_OFF_M = 15_000.0
"""Distance over which nearness loses two thirds of its weight."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that fits what was typed, perhaps with a house number.

    Attributes
    ----------
    score
        Higher is better.
    house_first
        Whether its label begins with the house number.
    """

    row: NameRow
    score: float = 0.0
    house: HouseRow | None = None
    house_first: bool = True

    @property
    def point(self) -> Point:
        """Where it is."""
        spot = self.house or self.row
        return Point(spot.lon, spot.lat)

    @property
    def order(self) -> tuple[float, int, HouseRow | tuple[()]]:
        """What candidates are sorted by; ties keep the order of importance."""
        return -self.score, self.row.id, self.house or ()

    def match(self) -> Match:
        """Return the answer that it makes."""
        name, kind, osm_id = self.row.name, self.row.kind, self.row.osm_id
        if self.house:
            kind, osm_id = "address", None
            number = self.house.number
            name = f"{number} {name}" if self.house_first else f"{name} {number}"
        settlement = self.row.settlement
        where = f", {settlement}" if settlement and settlement != name else ""
        return Match(f"{name}{where}", kind, self.point, name, settlement, osm_id)


def rank(
    row: NameRow, query: Query, *, house: HouseRow | None, mended: bool, near: Point | None
) -> Candidate:
    """Return a name with its score.

    Parameters
    ----------
    house
        The house of that street that was asked for; None for the street itself.
    mended
        Whether it fits only once a slip is mended.
    near
        Where the person is; None where that is not known.
    """
    score = row.importance + max(_fit(key, query.words) for key in row.keys.split("\n"))
    score += _WORD_GIVEN_UP * query.dropped
    score += _HOUSE if house else 0.0
    score += _SLIP if mended else 0.0
    if near is not None:
        away_m = plane_distance_m(near.lon, near.lat, row.lon, row.lat)
        score += _NEARNESS * math.exp(-away_m / _FALL_OFF_M)
    return Candidate(row, score, house, query.house_first)


def _fit(key: str, words: tuple[str, ...]) -> float:
    """Return how well a folded name fits the words that were typed."""
    typed = " ".join(words)
    if key == typed:
        return _WHOLE_NAME
    own = key.split() or [key]
    whole = sum(word in words for word in own)
    begun = any(word.startswith(words[-1]) for word in own)
    share = min(1.0, (whole + 0.5 * begun) / len(own))
    return share + (_SAME_BEGINNING if key.startswith(typed) or own[0] == words[0] else 0.0)
