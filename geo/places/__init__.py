"""Places that people can work or meet at: their kinds, opening hours, and an index of them."""

from geo.places import opening
from geo.places.index import PlaceIndex
from geo.places.kinds import (
    Kind,
    capacity,
    classify,
    get_kind,
    hosts_groups,
    label,
    load_kinds,
    shown_kinds,
)
from geo.places.suitability import Ambience, Reason, WorkScore, ambience, work_score

__all__ = [
    "Ambience",
    "Kind",
    "PlaceIndex",
    "Reason",
    "WorkScore",
    "ambience",
    "capacity",
    "classify",
    "get_kind",
    "hosts_groups",
    "label",
    "load_kinds",
    "opening",
    "shown_kinds",
    "work_score",
]
