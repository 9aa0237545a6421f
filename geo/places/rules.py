"""Rules over tags, as the tables of kinds write them.

A rule is a set of tags that must all be there; a value is one text, several, or ``"*"`` for
anything but "no". Rules stand in order, and the first that fits decides. They are looked up by
their first tag, so that a thing which has none of these is refused at once: most things on the map
are trees, walls and paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_ANY = "*"
NOTHING = frozenset({"", "no", "none", "0", "false"})
"""Values that say no."""

Rule = tuple[tuple[str, frozenset[str]], ...]


class TagRules:
    """Which name each thing gets from its tags.

    Parameters
    ----------
    table
        Rows by name, in order; each has its rules under ``any_of``.

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
        self._known = {
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
        fitting: set[int] = set()
        for key, text in tags.items():
            known = self._known.get(key)
            if known is None:
                continue
            if text not in known and ";" not in text and _ANY not in known:
                continue  # as most buildings: no rule knows the value
            for rank, rule in self._by_key[key]:
                if rank not in fitting and all(_has(tags, *wanted) for wanted in rule):
                    fitting.add(rank)
        return tuple(self._names[rank] for rank in sorted(fitting))


def _rule(row: Mapping[str, str | list[str]]) -> Rule:
    return tuple(
        (key, frozenset([values] if isinstance(values, str) else values))
        for key, values in row.items()
    )


def _has(tags: Mapping[str, str], key: str, values: Iterable[str]) -> bool:
    text = tags.get(key, "")
    given = [value.strip() for value in text.split(";")] if ";" in text else [text]
    if _ANY in values:
        return any(value.casefold() not in NOTHING for value in given)
    return any(value in values for value in given)
