"""How well one can work at a place, from what the map knows of it, with the reasons.

The score starts at what its kind is worth (``work_score`` in ``data/kinds.toml``) and moves with
each thing that is known, for or against; the points are a judgement, kept small and few so that a
person can follow them. What is not known moves nothing: a café that says nothing of its wifi is not
a café without wifi.

Tags: https://wiki.openstreetmap.org/wiki/Key:internet_access,
https://wiki.openstreetmap.org/wiki/Key:indoor_seating,
https://wiki.openstreetmap.org/wiki/Key:power_supply,
https://wiki.openstreetmap.org/wiki/Key:wheelchair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from geo.model import Place
from geo.places import opening
from geo.places.kinds import capacity, get_kind

Sign = Literal["+", "-", "i"]
"""For, against, or good to know."""

_YES = frozenset({"yes", "designated", "public", "customers", "limited"})
_WIFI = frozenset({"wlan", "wifi", "wi-fi", "yes", "wlan;wired", "wired;wlan", "service"})
_SOCKETS = ("socket", "power_supply", "power_outlets", "sockets")
_PRIVATE = frozenset({"private", "no"})


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is known of a place: its sign, its words, and the points it moves."""

    sign: Sign
    words: str
    points: int = 0


@dataclass(frozen=True, slots=True)
class WorkScore:
    """How well one can work at a place.

    Attributes
    ----------
    score
        0 to 100.
    reasons
        What moved it, and what is good to know.
    """

    score: int
    reasons: tuple[Reason, ...]


def work_score(place: Place) -> WorkScore:
    """Return how well one can work at a place, and why.

    Examples
    --------
    >>> from geo.model import Point
    >>> tags = {"internet_access": "wlan", "internet_access:fee": "no"}
    >>> work_score(Place("n1", None, "cafe", Point(0, 0), tags))
    WorkScore(score=65, reasons=(Reason(sign='+', words='free wifi', points=15),))
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
        words = "wifi for customers" if fee == "customers" else "wifi, for a fee"
        yield Reason("+", words, 12 if fee == "customers" else 6)
    else:
        yield Reason("+", "wifi" if access in _WIFI else f"internet by {access}", 12)


def _laptops(tags: Mapping[str, str]) -> Iterator[Reason]:
    policy = tags.get("laptop", tags.get("laptops"))
    if policy == "no":
        yield Reason("-", "no laptops", -40)
    elif policy in _YES:
        yield Reason("+", "laptops welcome", 10)
    elif policy is not None:
        yield Reason("-", f"laptops: {policy[:40]}", -10)
    if tags.get("coworking") in _YES or tags.get("workspace") in _YES:
        yield Reason("+", "desks to work at", 15)
    sockets = [tags[tag] for tag in _SOCKETS if tag in tags]
    if "no" in sockets:
        yield Reason("-", "no power sockets", -10)
    elif sockets:
        yield Reason("+", "power sockets", 10)


def _seats(place: Place, tags: Mapping[str, str]) -> Iterator[Reason]:
    seats = capacity(place)
    if tags.get("indoor_seating") == "no":
        outdoors = tags.get("outdoor_seating") in _YES
        yield Reason("-", "seats outdoors only" if outdoors else "no seats indoors", -25)
    elif tags.get("takeaway") == "only":
        yield Reason("-", "takeaway only", -30)
    elif seats is not None:
        yield Reason("+", f"{seats} seats" if seats > 1 else "1 seat", 5 if seats >= 10 else 0)
    elif tags.get("indoor_seating") in _YES:
        yield Reason("+", "seats indoors", 5)
    if tags.get("meeting_room", tags.get("conference_room")) in _YES:
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
