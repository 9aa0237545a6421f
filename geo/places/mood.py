"""How quiet or lively a place is, from its kind and what the map knows of it, with the reasons.

The measure starts at what its kind is worth (``liveliness`` in ``data/kinds.toml``) and moves with
each thing that is known; like `geo.places.work` it is a judgement in few and small steps, so that a
person can follow it. It puts places in order and rules none out.

Tags: https://wiki.openstreetmap.org/wiki/Key:live_music,
https://wiki.openstreetmap.org/wiki/Key:karaoke,
https://wiki.openstreetmap.org/wiki/Key:kids_area,
https://wiki.openstreetmap.org/wiki/Key:capacity.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from geo.model import Place
from geo.places.kinds import capacity, get_kind

_QUIET, _LIVELY = 45, 55
"""Up to the first it is quiet, from the second on lively, between them neither."""

_YES = frozenset({"yes", "designated", "only", "occasional", "regular"})
_STEPS = (
    ("live_music", "live music", 25),
    ("karaoke", "karaoke", 25),
    ("dance:style", "dancing", 20),
    ("kids_area", "children play there", 15),
    ("playground", "children play there", 15),
    ("biergarten", "a beer garden", 10),
    ("meeting_room", "a room of one's own", -20),
    ("conference_room", "a room of one's own", -20),
    ("quiet", "a quiet place", -30),
)
_MANY, _FEW = 60, 12


@dataclass(frozen=True, slots=True)
class Surroundings:
    """How lively a place is.

    Attributes
    ----------
    score
        0 quiet to 100 lively.
    reasons
        What moved it from what its kind is worth.
    """

    score: int
    reasons: tuple[str, ...]

    @property
    def mood(self) -> Literal["quiet", "lively", ""]:
        """What it is; empty for neither."""
        if self.score <= _QUIET:
            return "quiet"
        return "lively" if self.score >= _LIVELY else ""


def surroundings(place: Place) -> Surroundings:
    """Return how quiet or lively a place is, and why.

    Examples
    --------
    >>> from geo.model import Point
    >>> surroundings(Place("n1", None, "library", Point(0, 0))).mood
    'quiet'
    >>> surroundings(Place("n2", None, "hotel", Point(0, 0), {"live_music": "yes"}))
    Surroundings(score=65, reasons=('live music',))
    """
    steps = list(_steps(place))
    score = get_kind(place.kind).liveliness + sum(points for _, points in steps)
    return Surroundings(min(100, max(0, score)), tuple(dict.fromkeys(words for words, _ in steps)))


def _steps(place: Place) -> Iterator[tuple[str, int]]:
    for tag, words, points in _STEPS:
        if place.tags.get(tag, "").casefold() in _YES:
            yield words, points
    seats = capacity(place)
    if seats is not None and seats >= _MANY:
        yield f"{seats} seats", 10
    elif seats is not None and seats <= _FEW:
        yield f"{seats} seats" if seats > 1 else "1 seat", -5
