"""What an Overpass server is asked for: selectors over boxes, as Overpass QL.

The boxes are those of a fixed grid, so a request shows roughly which area somebody looks at and
never from where. Selectors ask for what the collectors of a build read and for no more.

A relation comes with all of its outline, however far it reaches out of the box. So relations are
asked for by what is drawn or looked up: waters, woods, settlements. Areas of the administration are
not: nothing that is decided by the country needs them, for opening hours know it by position, and
speeds by the tags of each road. Their borders come as the ways that they are made of. Where the
relations are too much, as those of a great lake are, a box is asked for without them.
https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from geo.files import read_table
from geo.model import BBox
from geo.places import get_kind

_ANY = "*"
_AREA_WAYS = (
    "addr:housenumber", "aeroway", "amenity", "building", "craft", "healthcare", "highway",
    "historic", "internet_access", "landuse", "leisure", "natural", "office", "railway", "shop",
    "tourism", "waterway",
)  # fmt: skip
_AREA_NODES = (
    "addr:housenumber", "aeroway", "amenity", "building", "craft", "healthcare", "historic",
    "internet_access", "landuse", "leisure", "mountain_pass", "natural", "office", "place",
    "railway", "shop", "tourism",
)  # fmt: skip
_AREA_RELATIONS = ("amenity", "building", "internet_access", "leisure", "office", "shop", "tourism")
_DRAWN_RELATIONS = ("landuse", "natural", "waterway")
_SETTLEMENTS = (
    "borough", "city", "farm", "hamlet", "isolated_dwelling", "neighbourhood", "quarter", "suburb",
    "town", "village",
)  # fmt: skip
_RELATION = "relation"


@dataclass(frozen=True, slots=True)
class OverpassQuery:
    """What to ask for in each box: selectors without it, as ``'nwr["amenity"="cafe"]'``.

    The server may take ``max_bytes`` of memory for it.
    """

    selectors: tuple[str, ...]
    timeout_s: int
    max_bytes: int
    boxes_at_once: int

    @property
    def has_relations(self) -> bool:
        """Whether it asks for relations by themselves, which may reach far out of a box."""
        return any(selector.startswith(_RELATION) for selector in self.selectors)

    def without_relations(self) -> OverpassQuery:
        """Return the same wish for nodes and ways alone."""
        kept = (one for one in self.selectors if not one.startswith(_RELATION))
        return replace(self, selectors=tuple(kept))

    def text(self, boxes: Sequence[BBox], *, has_meta: bool = True) -> str:
        """Return the request about some boxes; ways and relations come with their nodes.

        With metadata, of several copies of a thing the newest is known.

        Examples
        --------
        >>> query = OverpassQuery(('node["place"]',), 25, 1 << 20, 1)
        >>> print(query.text([BBox(1.4, 42.4, 1.5, 42.5)]))
        [out:json][timeout:25][maxsize:1048576];
        (
        node["place"](42.4,1.4,42.5,1.5);
        );
        (._;>;);
        out meta;
        """
        statements = "\n".join(
            f"{selector}({_number(box.south)},{_number(box.west)},"
            f"{_number(box.north)},{_number(box.east)});"
            for box in boxes
            for selector in self.selectors
        )
        return (
            f"[out:json][timeout:{self.timeout_s}][maxsize:{self.max_bytes}];\n"
            f"(\n{statements}\n);\n(._;>;);\nout {'meta' if has_meta else 'body'};"
        )


def places_query(kinds: Iterable[str] | None = None) -> OverpassQuery:
    """Return the query for places of some kinds; None for all of ``data/kinds.toml``.

    Raises
    ------
    UnknownName
        There is no such kind.
    """
    table = read_table("kinds")["kinds"]
    chosen = list(table) if kinds is None else [get_kind(kind).key for kind in kinds]
    selectors = {_selector(rule) for kind in chosen for rule in table[kind]["any_of"]}
    return OverpassQuery(
        tuple(sorted(selectors)), timeout_s=90, max_bytes=256 << 20, boxes_at_once=9
    )


def area_query() -> OverpassQuery:
    """Return the wish for all that a region is built of: roads, places, names, water, the map."""
    selectors = (
        *(f'way["{key}"]' for key in _AREA_WAYS),
        'way["route"="ferry"]',
        'way["boundary"="administrative"]["admin_level"]',
        *(f'node["{key}"]' for key in _AREA_NODES),
        *(f'{_RELATION}["type"="multipolygon"]["{key}"]' for key in _AREA_RELATIONS),
        *(f'{_RELATION}["type"="multipolygon"]{_one_of(*one)}' for one in _drawn().items()),
        *(f"{kind}{_one_of('place', _SETTLEMENTS)}" for kind in ("way", _RELATION)),
    )
    return OverpassQuery(selectors, timeout_s=180, max_bytes=512 << 20, boxes_at_once=1)


def _drawn() -> dict[str, list[str]]:
    """Return what the map draws of the keys of large areas: their values, by key."""
    table = read_table("basemap")
    tags = [tag for part in ("landcover", "water") for rule in table[part].values() for tag in rule]
    return {
        key: sorted(tag.partition("=")[2] for tag in tags if tag.startswith(f"{key}="))
        for key in _DRAWN_RELATIONS
    }


def _one_of(key: str, values: Iterable[str]) -> str:
    return f'["{key}"~"^({"|".join(values)})$"]'


def _selector(rule: dict[str, str | list[str]]) -> str:
    """Return a statement for the things that fit a rule, and few others."""
    return "nwr" + "".join(map(_filter, rule, rule.values()))


def _filter(key: str, values: str | list[str]) -> str:
    """Return a filter by one tag; one of several values joined by ";" counts too."""
    wanted = [values] if isinstance(values, str) else values
    if _ANY in wanted:
        return f'["{key}"]'
    choices = "|".join(map(re.escape, wanted))
    return f'["{key}"~"(^|; *)({choices})( *;|$)"]'


def _number(degrees: float) -> str:
    return f"{degrees:.7f}".rstrip("0").rstrip(".")
