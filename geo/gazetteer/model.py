"""Names of a gazetteer and what it answers; how names are compared.

Names are compared without case, accents, punctuation or doubled white space. Unicode's
decomposition takes the accents off; letters that are no accented letter but are typed as one (ß, ł,
ø, æ) are folded by table. Marks that carry the sound, as in Devanagari or kana, stay, so every
script keeps its words apart.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

from geo.files import read_table
from geo.model import Point


@dataclass(frozen=True, slots=True)
class NameKind:
    """A kind of name, a row of ``[names]`` in ``data/kinds.toml``.

    Attributes
    ----------
    importance
        0..1; what goes first among equally good matches.
    influence
        How far a settlement's name reaches against a village's; None for what is no settlement.
    duplicate_m
        Two of one name and kind closer than this are one thing, drawn twice.
    """

    key: str
    label: str
    importance: float
    influence: float | None
    duplicate_m: float


@cache
def name_kinds() -> Mapping[str, NameKind]:
    """Return the kinds of names by their key."""
    rows = read_table("kinds")["names"]
    return MappingProxyType(
        {
            key: NameKind(
                key,
                row["label"],
                row["importance"],
                row.get("influence"),
                row.get("duplicate_m", 300.0),
            )
            for key, row in rows.items()
        }
    )


class House(NamedTuple):
    """A house number of a street or settlement; ``lon`` and ``lat`` in degrees."""

    number: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that can be found.

    Attributes
    ----------
    lon, lat
        Where it is, in degrees.
    settlement
        The settlement that it belongs to, which tells it from others of its name; None for none.
    other_names
        In other languages, old, short.
    words
        What else a person may add to be precise: postcodes, towns of its addresses.
    territory
        The country and, where it is known, the state: ``"AD"``, ``"US-VT"``; empty if unknown.
    postal_towns
        Towns that the post may deliver to it by, though it does not lie in them.
    """

    name: str
    kind: str
    lon: float
    lat: float
    settlement: str | None
    importance: float
    other_names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    osm_id: str | None = None
    houses: tuple[House, ...] = ()
    territory: str = ""
    postal_towns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An answer of the gazetteer.

    Attributes
    ----------
    label
        What to show, as "12 High Street, Oakham".
    settlement
        The settlement that it belongs to; None for none.
    osm_id
        As ``"n123"``; None where it is not one thing on the map.
    unmatched
        The words of the text that the match does not account for; empty for a sure match.
    """

    label: str
    kind: str
    point: Point
    name: str
    settlement: str | None = None
    osm_id: str | None = None
    unmatched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Geocoding:
    """What is known of where an address is.

    ``match`` is None where nothing of the region agrees with it, and ``match.unmatched`` has words
    that it does not account for, as a house number that the map lacks. ``elsewhere`` says where it
    is, as "Ohio", if that is known to be outside the region; else it is empty.
    """

    match: Match | None
    elsewhere: str = ""


_LETTERS = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th",
    "ħ": "h", "ı": "i", "ŀ": "l", "ŋ": "n", "ŧ": "t", "ə": "e",
}  # fmt: skip
_SILENT = "'’‘ʼʻ`´·"
"""Left out within a word: St Mary's is found as "st marys", and col·legi as "collegi"."""

_ACCENTS = (
    (0x0300, 0x036F),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
)
"""Code points of marks that people leave out: Latin, Greek and Cyrillic; Hebrew; Arabic points."""


class _Table(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return a name as it is compared: folded words with one blank between.

    Examples
    --------
    >>> fold("  Saint-Étienne,  St. Mary's ")
    'saint etienne st marys'
    >>> fold("Łódź Straße"), fold("Ørsta"), fold("Sant Julià de Lòria"), fold("Col·legi")
    ('lodz strasse', 'orsta', 'sant julia de loria', 'collegi')
    >>> fold("京都"), fold("서울"), fold("दिल्ली")
    ('京都', '서울', 'दिल्ली')
    """
    return " ".join(text.translate(_TABLE).split())


def printable(text: str) -> str:
    """Return a text with a blank for every character that cannot be seen (NUL, halves of pairs)."""
    return "".join(char if char.isprintable() else " " for char in text).strip()


def _fold_character(char: str) -> str:
    if char in _SILENT:
        return ""
    kept = []
    for piece in unicodedata.normalize("NFKD", char.casefold()):
        part = _LETTERS.get(piece, piece)
        if any(low <= ord(part[0]) <= high for low, high in _ACCENTS) or part in _SILENT:
            continue
        is_word = part.isalnum() or unicodedata.category(part[0]).startswith("M")
        kept.append(part if is_word else " ")
    return unicodedata.normalize("NFC", "".join(kept))


_TABLE = _Table()
