"""What roads are called by their numbers: "VT 117" is also Route 117, "B 85" Bundesstraße 85."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from geo.gazetteer.territories import territory_name
from geo.tables import read_table

_REFERENCE = re.compile(r"([^\W\d_]+)?[\s.-]*(\d+(?:[-.\s]?[^\W_]{1,3})?)")
_NAMED_BY_NUMBER = re.compile(r".*\b(Route|Road|Highway|Rte|Rd|Hwy)\.? (\d+\w?)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def road_names(reference: str) -> tuple[str, ...]:
    """Return what the roads of a ``ref`` tag are called.

    Examples
    --------
    >>> road_names("VT 117")[:4]
    ('VT 117', 'VT117', 'VT Route 117', 'Vermont Route 117')
    >>> road_names("A606")[:2], "Route 7" in road_names("US 7"), road_names("B 85")[-1]
    (('A606', 'A 606'), True, 'Bundesstraße 85')
    """
    names: list[str] = []
    for part in reference.split(";"):
        found = _REFERENCE.fullmatch(part.strip())
        if found and (found[1] or not part.strip().isdigit()):
            names += _called(part.strip(), found[1] or "", found[2])
        elif found:
            names += (f"Route {found[2]}", f"Highway {found[2]}")
    return tuple(dict.fromkeys(names))


def _called(reference: str, prefix: str, number: str) -> Iterator[str]:
    yield reference
    if prefix:
        yield f"{prefix} {number}"
        yield f"{prefix}{number}"
    table: dict[str, list[str]] = read_table("addresses")["road_numbers"]
    for name in table.get(prefix.upper(), ()):
        yield f"{name} {number}"
    state = f"US-{prefix.upper()}"
    if territory_name(state) != state:
        for kind in ("Route", "State Route", "Highway", "State Highway"):
            yield f"{prefix} {kind} {number}"
            yield f"{territory_name(state)} {kind} {number}"
            yield f"{kind} {number}"


def names_by_number(names: Iterable[str]) -> Iterator[str]:
    """Yield how roads that are called by a number are called for short.

    Examples
    --------
    >>> list(names_by_number(["County Route 9", "Main Street"]))
    ['Route 9']
    """
    for name in names:
        found = _NAMED_BY_NUMBER.fullmatch(name)
        if found:
            yield f"{found[1]} {found[2]}"
