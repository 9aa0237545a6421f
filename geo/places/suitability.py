"""Suitability of a place for work, and how quiet or lively it is, with the reasons.

Both scores start at what the kind of place is worth (``data/kinds.toml``) and move with each thing
that the map knows. The points are a judgement, small and few so that a person can follow them. What
is not known moves nothing: a café that says nothing of its wifi is not a café without wifi.

Tags: https://wiki.openstreetmap.org/wiki/Key:internet_access, Key:indoor_seating, Key:power_supply,
Key:wheelchair, Key:live_music, Key:karaoke, Key:kids_area and Key:capacity there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from geo.model import Place
from geo.places import opening
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
class Ambience:
    """How lively a place is: 0 quiet to 100 lively."""

    score: int
    reasons: tuple[str, ...]

    @property
    def mood(self) -> Literal["quiet", "lively", ""]:
        """What it is; empty for neither."""
        if self.score <= _QUIET:
            return "quiet"
        return "lively" if self.score >= _LIVELY else ""


def ambience(place: Place) -> Ambience:
    """Return how quiet or lively a place is, and why.

    Examples
    --------
    >>> from geo.model import Point
    >>> ambience(Place("n1", None, "library", Point(0, 0))).mood
    'quiet'
    >>> ambience(Place("n2", None, "hotel", Point(0, 0), {"live_music": "yes"}))
    Ambience(score=65, reasons=('live music',))
    """
    steps = list(_steps(place))
    score = get_kind(place.kind).liveliness + sum(points for _, points in steps)
    return Ambience(min(100, max(0, score)), tuple(dict.fromkeys(text for text, _ in steps)))


def _steps(place: Place) -> Iterator[tuple[str, int]]:
    for tag, text, points in _STEPS:
        if place.tags.get(tag, "").casefold() in _YES:
            yield text, points
    seats = capacity(place)
    if seats is not None and seats >= _MANY:
        yield f"{seats} seats", 10
    elif seats is not None and seats <= _FEW:
        yield f"{seats} seats" if seats > 1 else "1 seat", -5


Sign = Literal["+", "-", "i"]
"""For, against, or good to know."""

_PERMITTED = frozenset({"yes", "designated", "public", "customers", "limited"})
_WIFI = frozenset({"wlan", "wifi", "wi-fi", "yes", "wlan;wired", "wired;wlan", "service"})
_SOCKETS = ("socket", "power_supply", "power_outlets", "sockets")
_PRIVATE = frozenset({"private", "no"})


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is known of a place: its sign, its words, and the points it moves."""

    sign: Sign
    text: str
    points: int = 0


@dataclass(frozen=True, slots=True)
class WorkScore:
    """How well one can work at a place, 0 to 100."""

    score: int
    reasons: tuple[Reason, ...]


def work_score(place: Place) -> WorkScore:
    """Return how well one can work at a place, and why.

    Examples
    --------
    >>> from geo.model import Point
    >>> tags = {"internet_access": "wlan", "internet_access:fee": "no"}
    >>> work_score(Place("n1", None, "cafe", Point(0, 0), tags))
    WorkScore(score=65, reasons=(Reason(sign='+', text='free wifi', points=15),))
    """
    tags = {key: value.casefold() for key, value in place.tags.items()}
    reasons = [
        *_internet(tags),
        *_laptops(tags),
        *_seats(place, tags),
        *_hours(place),
        *_entry(tags),
    ]
    total = get_kind(place.kind).work_score + sum(reason.points for reason in reasons)
    return WorkScore(min(100, max(0, total)), tuple(reasons))


def _internet(tags: Mapping[str, str]) -> Iterator[Reason]:
    access, fee = tags.get("internet_access"), tags.get("internet_access:fee")
    if access is None and "wifi" in tags:
        access = {"yes": "wlan", "free": "wlan"}.get(tags["wifi"], tags["wifi"])
        fee = "no" if tags["wifi"] == "free" else fee
    if access is None:
        return
    if access == "no":
        yield Reason("-", "no internet", -20)
    elif access == "terminal":
        yield Reason("+", "computers with internet", 5)
    elif fee == "no":
        yield Reason("+", "free wifi" if access in _WIFI else "free internet", 15)
    elif fee in {"yes", "customers"}:
        text = "wifi for customers" if fee == "customers" else "wifi, for a fee"
        yield Reason("+", text, 12 if fee == "customers" else 6)
    else:
        yield Reason("+", "wifi" if access in _WIFI else f"internet by {access}", 12)


def _laptops(tags: Mapping[str, str]) -> Iterator[Reason]:
    policy = tags.get("laptop", tags.get("laptops"))
    if policy == "no":
        yield Reason("-", "no laptops", -40)
    elif policy in _PERMITTED:
        yield Reason("+", "laptops welcome", 10)
    elif policy is not None:
        yield Reason("-", f"laptops: {policy[:40]}", -10)
    if tags.get("coworking") in _PERMITTED or tags.get("workspace") in _PERMITTED:
        yield Reason("+", "desks to work at", 15)
    sockets = [tags[tag] for tag in _SOCKETS if tag in tags]
    if "no" in sockets:
        yield Reason("-", "no power sockets", -10)
    elif sockets:
        yield Reason("+", "power sockets", 10)


def _seats(place: Place, tags: Mapping[str, str]) -> Iterator[Reason]:
    seats = capacity(place)
    if tags.get("indoor_seating") == "no":
        outdoors = tags.get("outdoor_seating") in _PERMITTED
        yield Reason("-", "seats outdoors only" if outdoors else "no seats indoors", -25)
    elif tags.get("takeaway") == "only":
        yield Reason("-", "takeaway only", -30)
    elif seats is not None:
        yield Reason("+", f"{seats} seats" if seats > 1 else "1 seat", 5 if seats >= 10 else 0)
    elif tags.get("indoor_seating") in _PERMITTED:
        yield Reason("+", "seats indoors", 5)
    if tags.get("meeting_room", tags.get("conference_room")) in _PERMITTED:
        yield Reason("+", "a meeting room", 5)


def _hours(place: Place) -> Iterator[Reason]:
    hours = opening.hours_per_week(place)
    if hours is None:
        return
    if hours >= 50:
        yield Reason("+", f"open {hours:.0f} hours a week", 5)
    elif hours < 20:
        yield Reason("-", f"open {hours:.0f} hours a week", -10)
    else:
        yield Reason("i", f"open {hours:.0f} hours a week")


def _entry(tags: Mapping[str, str]) -> Iterator[Reason]:
    access = tags.get("access")
    if access in _PRIVATE:
        yield Reason("-", "not open to the public", -30)
    elif access in {"members", "permit"} or tags.get("membership") in {"yes", "required"}:
        yield Reason("i", "for members")
    if tags.get("fee") in {"yes", "interval"} or tags.get("charge"):
        yield Reason("-", "costs a fee", -5)
    elif tags.get("fee") in {"no", "donation"}:
        yield Reason("+", "free to use", 5)
    step_free = {"yes": "step-free", "designated": "step-free", "limited": "partly step-free"}
    if tags.get("wheelchair") in step_free:
        yield Reason("i", step_free[tags["wheelchair"]])
    elif tags.get("wheelchair") == "no":
        yield Reason("i", "has steps")
