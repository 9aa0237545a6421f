"""Kinds of place, as a café, a library, a coworking space: rows of ``data/kinds.toml``.

A thing on the map is of every kind that one of its rules fits, the first of the table before the
others; what is closed for good, or not built yet, is of none. A rule is a set of tags that must all
be there; a value is one text, several, or ``"*"`` for anything but "no".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from geo.errors import UnknownName
from geo.files import read_table
from geo.model import Place

_ANY = "*"
NEGATIVE_VALUES = frozenset({"", "no", "none", "0", "false"})
"""Values that say no."""

Rule = tuple[tuple[str, frozenset[str]], ...]


class TagRules:
    """Names of things by their tags; ``table`` has a row for each, with rules in ``any_of``.

    Examples
    --------
    >>> rules = TagRules({"cafe": {"any_of": [{"amenity": "cafe"}, {"shop": "coffee"}]}})
    >>> rules.first({"amenity": "bar;cafe"})
    'cafe'
    """

    def __init__(self, table: Mapping[str, Mapping[str, Any]]) -> None:
        self._names = tuple(table)
        self._by_key: dict[str, list[tuple[int, Rule]]] = {}
        for rank, row in enumerate(table.values()):
            for rule in map(_rule, row.get("any_of", ())):
                self._by_key.setdefault(rule[0][0], []).append((rank, rule))
        self._keys = frozenset(self._by_key)
        self._known_values = {
            key: frozenset().union(*(rule[0][1] for _, rule in rules))
            for key, rules in self._by_key.items()
        }

    @property
    def keys(self) -> frozenset[str]:
        """The keys of which a thing must have one to fit any rule."""
        return self._keys

    def first(self, tags: Mapping[str, str]) -> str | None:
        """Return the first name of which a rule fits; None where none does."""
        found = self.all(tags)
        return found[0] if found else None

    def all(self, tags: Mapping[str, str]) -> tuple[str, ...]:
        """Return every name of which a rule fits, in order."""
        matching: set[int] = set()
        for key, text in tags.items():
            known_values = self._known_values.get(key)
            if known_values is None:
                continue
            if text not in known_values and ";" not in text and _ANY not in known_values:
                continue  # as most buildings: no rule knows the value
            for rank, rule in self._by_key[key]:
                if rank not in matching and all(_has_value(tags, *condition) for condition in rule):
                    matching.add(rank)
        return tuple(self._names[rank] for rank in sorted(matching))


def _rule(row: Mapping[str, str | list[str]]) -> Rule:
    return tuple(
        (key, frozenset([values] if isinstance(values, str) else values))
        for key, values in row.items()
    )


def _has_value(tags: Mapping[str, str], key: str, values: Iterable[str]) -> bool:
    text = tags.get(key, "")
    values_given = [value.strip() for value in text.split(";")] if ";" in text else [text]
    if _ANY in values:
        return any(value.casefold() not in NEGATIVE_VALUES for value in values_given)
    return any(value in values for value in values_given)


_CAPACITY_TAGS = ("capacity:persons", "capacity", "capacity:seats", "seats", "indoor_seating")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of place; the meaning of each attribute stands at the head of ``data/kinds.toml``."""

    key: str
    label: str
    plural: str
    icon: str
    letter: str
    color: str
    shown: bool
    work_score: int
    liveliness: int
    hosts_groups: bool
    source: str
    capacity: int | None = None
    only_alone: bool = False


@cache
def load_kinds() -> Mapping[str, Kind]:
    """Return every kind by its key, in the order of the table."""
    rows = read_table("kinds")["kinds"]
    return MappingProxyType({key: _kind(key, row) for key, row in rows.items()})


def get_kind(key: str) -> Kind:
    """Return the kind of that key.

    Raises
    ------
    UnknownName
        There is none; the error knows the nearest names.
    """
    kind = load_kinds().get(key)
    if kind is None:
        raise UnknownName("kind", key, load_kinds())
    return kind


def shown_kinds() -> list[str]:
    """Return the keys of the kinds that a search looks for when it names none."""
    return [key for key, kind in load_kinds().items() if kind.shown]


def classify(tags: Mapping[str, str]) -> tuple[Kind, ...]:
    """Return all kinds of a thing on the map, the main one first; none where it is no place.

    What is closed for good, or not built yet, is none.

    Examples
    --------
    >>> [kind.key for kind in classify({"tourism": "hotel", "amenity": "restaurant"})]
    ['hotel', 'restaurant']
    >>> classify({"disused:amenity": "cafe"})
    ()
    """
    keys = _rules().all(tags)
    if not keys or _is_closed_for_good(tags):
        return ()
    kinds = [load_kinds()[key] for key in keys]
    if kinds[0].only_alone and _had_another_use(tags):
        return ()
    return tuple(kind for kind in kinds if kind is kinds[0] or not kind.only_alone)


def place_keys() -> frozenset[str]:
    """Return the keys of which every place has one."""
    return _rules().keys


def label(place: Place, *, language: str | None = None) -> str:
    """Return what to call a place on screen, as "Bean & Gone" or "unnamed café".

    ``language`` is a code of the reader, as ``"ca"``; its ``name:ca`` goes first where there is
    one.
    """
    local = place.tags.get(f"name:{language}") if language else None
    return local or place.name or f"unnamed {get_kind(place.kind).label}"


def hosts_groups(place: Place) -> bool:
    """Whether a team can reasonably meet at a place, for any of its kinds."""
    return any(get_kind(kind).hosts_groups for kind in (place.kind, *place.other_kinds))


def capacity(place: Place) -> int | None:
    """Return how many people a place says it seats; None where it does not say.

    The usual number for its kind is `Kind.capacity`, a guess.
    """
    for tag in _CAPACITY_TAGS:
        text = place.tags.get(tag, "")
        if text.isascii() and text.isdigit() and int(text[:6]) > 0:
            return int(text[:6])
    return None


def _kind(key: str, row: Mapping[str, Any]) -> Kind:
    return Kind(key=key, **{name: row[name] for name in row if name != "any_of"})


@cache
def _rules() -> TagRules:
    return TagRules(read_table("kinds")["kinds"])


@cache
def _lifecycle() -> dict[str, Any]:
    table: dict[str, Any] = read_table("kinds")["lifecycle"]
    return table


def _had_another_use(tags: Mapping[str, str]) -> bool:
    """Whether what made something a place is gone, as of ``disused:amenity=cafe`` with wifi."""
    prefixes = _lifecycle()["prefixes"]
    parts = (key.partition(":") for key in tags)
    return any(prefix in prefixes and rest in place_keys() for prefix, _, rest in parts)


def _is_closed_for_good(tags: Mapping[str, str]) -> bool:
    """Return whether tags are of something closed for good or not built yet.

    ``was:amenity=bank`` beside ``amenity=cafe`` is history; ``was:amenity=cafe`` beside it is not.
    """
    lifecycle = _lifecycle()
    if any(_is_marked_closed(tags.get(key, "")) for key in lifecycle["remarks"]):
        return True
    if _is_name_of_closed(tags.get("name", "")):
        return True
    for key, value in tags.items():
        prefix, colon, rest = key.partition(":")
        if colon and prefix in lifecycle["prefixes"] and tags.get(rest) == value:
            return True
        if key in lifecycle["flags"] and value.casefold() not in NEGATIVE_VALUES:
            return True
        if value in lifecycle["values"].get(key, ()):
            return True
    # A comment tells of a season or a reason: nobody writes one for what is gone.
    hours = tags.get("opening_hours", "").strip().casefold()
    return hours in {phrase.casefold() for phrase in lifecycle["never_open"]}


def _is_marked_closed(text: str) -> bool:
    """Return whether a text says of a place that it is closed for good; a question does not."""
    return bool(text) and "?" not in text and _closed_phrases().search(text) is not None


def _is_name_of_closed(name: str) -> bool:
    return _is_marked_closed(name) or (bool(name) and _closed_names().search(name) is not None)


@cache
def _closed_phrases() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(_lifecycle()['phrases'])})\b", re.IGNORECASE)


@cache
def _closed_names() -> re.Pattern[str]:
    return re.compile("|".join(_lifecycle()["names"]), re.IGNORECASE)
