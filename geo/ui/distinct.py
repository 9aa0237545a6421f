"""Labels that differ: Streamlit tells options apart by what they say, not by what they are."""

from __future__ import annotations

from collections.abc import Mapping


def distinct(labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels of which no two are alike: the second of a kind gets a number, and so on.

    Examples
    --------
    >>> distinct({"a": "Wren", "b": "Sol", "c": "Wren", "d": "Wren (2)"})
    {'a': 'Wren', 'b': 'Sol', 'c': 'Wren (2)', 'd': 'Wren (2) (2)'}
    """
    taken: set[str] = set()
    made: dict[str, str] = {}
    for key, label in labels.items():
        unique, count = label, 1
        while unique in taken:
            count += 1
            unique = f"{label} ({count})"
        taken.add(unique)
        made[key] = unique
    return made
