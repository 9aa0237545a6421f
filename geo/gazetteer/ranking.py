"""Scores of names against what was typed, and corrections of typos.

The weights are a judgement, and simple on purpose: the whole name beats a part of it, a typo costs
more than importance can make up for, and nearness decides between streets of one name.

A typo is one letter wrong, missing or too much, or two neighbours swapped (Damerau 1964,
Communications of the ACM 7: 171-176).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from geo.gazetteer.address import articles, is_street_word, omissible_words, spellings
from geo.gazetteer.index import NameRow
from geo.gazetteer.model import House, Match, name_kinds
from geo.gazetteer.query import ParsedAddress, Word
from geo.gazetteer.territories import is_street_level
from geo.geometry import plane_distance_m
from geo.model import Point

# How a name fits what was typed, added to its importance of 0 to 1.
_WHOLE_TEXT = 1.5  # the name is all that was typed
_WHOLE_NAME = 1.2  # all of the name was typed, in one piece
_WHOLE_PARTS = 0.1  # that piece is a part between commas
_SETTLEMENT = 0.2  # its settlement was typed too
_SCATTERED = 1.0  # all of the name was typed, in pieces; a share of it for a share of the words
_SAME_BEGINNING = 0.3  # of that, for the first word
_OTHER_NAME = -0.25  # by an old, short or foreign name
_UNFINISHED = -0.7  # the last word is only begun; less for longer names
_SAME_SPELLING = 0.02
_HOUSE = 1.0
_POSTCODE = 0.3
_COARSER_THAN_POSTCODE = -1.0  # a town, where the postcode is of a few streets and says more
_TYPO = -0.6
UNMATCHED = -0.2  # for each word that nothing accounts for
UNVERIFIED = -0.1  # for each word that the map can neither confirm nor deny
_NEARNESS = 0.6
_FALL_OFF_M = 15_000.0  # distance over which nearness loses two thirds of its weight
_FINE_KINDS = frozenset({"street", "postcode"})


@dataclass(frozen=True, slots=True)
class Spelling:
    """How typed words are compared with those of names.

    ``unfinished_word`` is the one that is still being typed, or None; ``corrections`` are those of
    each typed word, canonical; empty where typos are not corrected.
    """

    unfinished_word: Word | None = None
    corrections: Mapping[str, frozenset[str]] = field(default_factory=dict)
    _cache: dict[tuple[bool, str, str], bool] = field(default_factory=dict)

    def matches(self, typed: Word, word: str) -> bool:
        """Return whether a typed word stands for a canonical word, perhaps with a typo."""
        if word in (typed.canonical, typed.folded):
            return True
        key = typed is self.unfinished_word, typed.folded, word
        known = self._cache.get(key)
        if known is None:
            known = self._cache[key] = self._is_variant(typed, word)
        return known

    def _is_variant(self, typed: Word, word: str) -> bool:
        if self.matches_exactly(typed, word):
            return True
        others = self.corrections.get(typed.folded, frozenset())
        if typed is self.unfinished_word:
            return any(one.startswith(other) for other in others for one in spellings(word))
        return word in others

    def matches_exactly(self, typed: Word, word: str) -> bool:
        """Return whether a typed word stands for a canonical word as it is."""
        if word in (typed.canonical, typed.folded):
            return True
        return typed is self.unfinished_word and any(
            one.startswith(typed.folded) for one in spellings(word)
        )

    def is_unfinished_form(self, typed: Word, word: str) -> bool:
        """Return whether a typed word is only the beginning of another."""
        return typed is self.unfinished_word and word not in (typed.canonical, typed.folded)


@dataclass(frozen=True, slots=True)
class NameMatch:
    """How a name accounts for words that were typed.

    Attributes
    ----------
    fit
        0..2.
    missing
        Canonical words of the name that were not typed.
    rest
        The words that something else must account for.
    is_shortened
        Whether what is missing is an end that people leave out: "Sant Julià" (de Lòria).
    is_split
        Whether the words of the name stand in several parts of an address: "Seaton Road, Glaston"
        is no Glaston Road.
    """

    fit: float
    missing: tuple[str, ...]
    rest: tuple[Word, ...]
    typed: tuple[str, ...] = ()
    is_shortened: bool = False
    is_split: bool = False


@dataclass(frozen=True, slots=True)
class MatchedParts:
    """What else a candidate matches: house number, postcode; whether it needs a typo."""

    house: bool
    postcode: bool
    typos: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A name that fits what was typed, perhaps with a house number, before it or behind."""

    row: NameRow
    score: float = 0.0
    house: House | None = None
    house_first: bool = True
    unmatched: tuple[str, ...] = ()

    @property
    def point(self) -> Point:
        """Where it is."""
        position = self.house or self.row
        return Point(position.lon, position.lat)

    @property
    def order(self) -> tuple[float, int, House | tuple[()]]:
        """What candidates are sorted by; ties keep the order of importance."""
        return -self.score, self.row.id, self.house or ()

    def match(self) -> Match:
        """Return the answer that it makes."""
        name, kind, osm_id = self.row.name, self.row.kind, self.row.osm_id
        if self.house:
            kind, osm_id = "address", None
            number = self.house.number
            name = f"{number} {name}" if self.house_first else f"{name} {number}"
        settlement = self.row.settlement
        where = f", {settlement}" if settlement and settlement != name else ""
        label = f"{name}{where}"
        return Match(label, kind, self.point, name, settlement, osm_id, self.unmatched)


def match_name(row: NameRow, words: Sequence[Word], spelling: Spelling) -> NameMatch:
    """Return how a name accounts for words: the best of all that it is called."""
    settlement = row.settlement is not None and row.context.partition("\n")[0].split()
    best: NameMatch | None = None
    for keys, penalty in ((row.keys, 0.0), (row.other_keys, _OTHER_NAME)):
        for key in keys.split("\n") if keys else ():
            one = _match_one_name(key.split(), words, spelling, settlement or [])
            if penalty:
                one = replace(one, fit=one.fit + penalty)
            if best is None or one.fit > best.fit:
                best = one
    return best or NameMatch(0.0, (), tuple(words))


def _match_one_name(
    name: list[str], words: Sequence[Word], spelling: Spelling, settlement: list[str]
) -> NameMatch:
    length = len(name)
    spans = [
        start
        for start in range(len(words) - length + 1)
        if all(map(spelling.matches, words[start : start + length], name))
    ]
    # Words that stand together count more: "Glaston, Seaton Road" is Seaton Road in Glaston, though
    # Glaston Road in Seaton has the same words.
    if not spans:
        return _match_scattered(name, words, spelling)
    return max(
        (_match_span(name, words, start, spelling, settlement) for start in spans),
        key=lambda one: one.fit,
    )


def _match_span(
    name: list[str],
    words: Sequence[Word],
    start: int,
    spelling: Spelling,
    settlement: list[str],
) -> NameMatch:
    end = start + len(name)
    rest = (*words[:start], *words[end:])
    penalty = (
        _UNFINISHED / len(name) if spelling.is_unfinished_form(words[end - 1], name[-1]) else 0.0
    )
    if not rest:
        return NameMatch(_WHOLE_TEXT + penalty, (), (), tuple(name))
    fit = _WHOLE_NAME + penalty
    if settlement and any(
        all(map(spelling.matches, rest[at : at + len(settlement)], settlement))
        for at in range(len(rest) - len(settlement) + 1)
    ):
        fit += _SETTLEMENT
    starts_part = start == 0 or words[start - 1].part != words[start].part
    ends_part = end == len(words) or words[end].part != words[end - 1].part
    if starts_part and ends_part:
        fit += _WHOLE_PARTS
    return NameMatch(fit, (), rest, tuple(name))


def _match_scattered(name: list[str], words: Sequence[Word], spelling: Spelling) -> NameMatch:
    """Return how a name accounts for words that do not stand together, or are not all there."""
    matches = spelling.matches
    remaining = list(words)
    missing = []
    parts = set()
    for word in name:
        for at, one in enumerate(remaining):
            if matches(one, word):
                parts.add(one.part)
                del remaining[at]
                break
        else:
            missing.append(word)
    share = (len(name) - len(missing)) / len(name) if name else 0.0
    first = next((word for word in name if word not in articles()), name[0]) if name else ""
    same_start = (
        bool(first) and bool(words) and (matches(words[0], first) or matches(words[0], name[0]))
    )
    fit = share * (_SCATTERED - _SAME_BEGINNING) + (_SAME_BEGINNING if same_start else 0.0)
    typed = tuple(word for word in name if word not in missing)
    is_end = bool(missing) and name[len(typed) :] == missing
    is_shortened = same_start and is_end and missing[0] in articles()
    return NameMatch(fit, tuple(missing), tuple(remaining), typed, is_shortened, len(parts) > 1)


def is_named(row: NameRow, found: NameMatch, parsed: ParsedAddress, *, numbered: bool) -> bool:
    """Return whether a finished text names something, and not something that is called alike.

    Nobody means Manchester Road who writes "Manchester"; but "12 Main, Birchvale" is Main Street,
    and "the Noel Arms" the Noel Arms. ``numbered`` says that a house number was typed.
    """
    missing = [word for word in found.missing if word not in articles()]
    if not found.typed or (found.is_split and row.kind == "street"):
        return False
    if not missing:
        return True
    if row.kind == "street":
        is_precise = bool(found.rest) or numbered or bool(parsed.postcode)
        return is_precise and _is_sure_street(found, missing, numbered=numbered)
    if row.kind in _PARTLY_NAMED_KINDS:
        return len(found.typed) > max(1, len(missing))
    return is_populated(row) and found.is_shortened and not any(one.is_town for one in parsed.words)


def _is_sure_street(found: NameMatch, missing: Sequence[str], *, numbered: bool) -> bool:
    """Return whether what is missing of a street's name is what people leave out.

    Without a house number, "Ketton, Stamford" is no Stamford Road.
    """
    distinctive = [word for word in found.typed if word not in omissible_words()]
    has_type = numbered or any(map(is_street_word, found.typed))
    is_omissible = all(word in omissible_words() or is_street_word(word) for word in missing)
    return bool(distinctive) and has_type and is_omissible


_PARTLY_NAMED_KINDS = frozenset({"place", "station", "park", "water", "peak"})
"""Kinds of things that people call by a part of their name."""


def is_populated(row: NameRow) -> bool:
    """Return whether a row is somewhere that people say they live in."""
    return row.kind in _POPULATED_KINDS or name_kinds()[row.kind].influence is not None


_POPULATED_KINDS = frozenset({"suburb", "neighbourhood", "parish", "region", "farm", "locality"})


def score_name(
    row: NameRow,
    found: NameMatch,
    parsed: ParsedAddress,
    matched_parts: MatchedParts,
    *,
    near: Point | None,
) -> float:
    """Return how likely it is that a name is meant; higher is better."""
    score = row.importance + found.fit + _TYPO * matched_parts.typos
    score += _HOUSE if matched_parts.house else 0.0
    score += _POSTCODE if matched_parts.postcode else 0.0
    if matched_parts.postcode and row.kind not in _FINE_KINDS and is_street_level(parsed.postcode):
        score += _COARSER_THAN_POSTCODE
    if not found.rest and " ".join(word.raw for word in parsed.words) == row.name:
        score += _SAME_SPELLING
    if near is not None:
        away_m = plane_distance_m(near.lon, near.lat, row.lon, row.lat)
        score += _NEARNESS * math.exp(-away_m / _FALL_OFF_M)
    return score


_MAX_LETTERS = 24  # letters of a word that are looked at; longer words are not corrected
_MIN_PREFIX_LETTERS = 3
"""An unfinished word of so few letters is one typo from the beginning of half the words."""

_MAX_CORRECTIONS = 40  # corrections of a word that are tried

Codes = npt.NDArray[np.uint32]


class Vocabulary:
    """All words of a gazetteer, most used first."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = [word for word in words if len(word) <= _MAX_LETTERS]
        table = np.array(self._words, f"<U{_MAX_LETTERS}") if self._words else np.zeros(0, "<U24")
        self._codes: Codes = table.view(np.uint32).reshape(len(self._words), _MAX_LETTERS)
        self._lengths = (self._codes != 0).sum(axis=1)
        self._first, self._second = self._codes[:, 0].copy(), self._codes[:, 1].copy()

    def near(self, word: str, *, unfinished: bool) -> list[str]:
        """Return what a word may have been meant to be, most used first; without the word itself.

        While the word is being typed, the answers are beginnings of words, unless it is too short.
        """
        typed: Codes = np.array([ord(char) for char in word], np.uint32)
        if not 2 <= len(typed) < _MAX_LETTERS or any(char.isdigit() for char in word):
            return []  # a typo in a number is another number
        starts_part = unfinished and len(typed) > _MIN_PREFIX_LETTERS
        similar = np.flatnonzero(self._share_a_first_letter(typed))
        found: dict[str, None] = {}
        for length in (len(typed) - 1, len(typed), len(typed) + 1):
            lengths = self._lengths[similar]
            rows = similar[lengths >= length if starts_part else lengths == length]
            for row in rows[_within_one_edit(self._codes[rows, :length], typed)].tolist():
                found[self._words[row][:length]] = None
        near = [other for other in found if other != word]
        if starts_part:  # what begins with a longer one of two begins with the shorter one too
            near = [one for one in near if one[:-1] not in found and one[:-2] not in found]
        return near[:_MAX_CORRECTIONS]

    def _share_a_first_letter(self, typed: Codes) -> npt.NDArray[np.bool_]:
        """Return which words share a letter of their first two: one typo leaves no other."""
        first, second = typed[0], typed[1]
        return np.asarray(
            (self._first == first)
            | (self._second == second)
            | (self._first == second)
            | (self._second == first)
        )


def _within_one_edit(words: Codes, typed: Codes) -> npt.NDArray[np.bool_]:
    """Return which words, all of one length, are at most one typo from what was typed; (n,)."""
    # Two words are one edit apart exactly when what they share at their beginning and at their end
    # leaves no more than that edit between; tested for all words at once.
    shorter = min(words.shape[1], len(typed))
    equal_from_start = words[:, :shorter] == typed[:shorter]
    equal_from_end = words[:, ::-1][:, :shorter] == typed[::-1][:shorter]
    start, end = _leading_matches(equal_from_start), _leading_matches(equal_from_end)
    if words.shape[1] != len(typed):
        return np.asarray(start + end >= shorter)
    swapped = np.zeros(len(words), bool)
    rows = np.flatnonzero(start + end == shorter - 2)
    at = start[rows]
    swapped[rows] = (words[rows, at] == typed[at + 1]) & (words[rows, at + 1] == typed[at])
    return np.asarray((start + end >= shorter - 1) | swapped)


def _leading_matches(matches: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Return how many values from the left are true, for each row."""
    lengths: npt.NDArray[np.int64] = np.where(
        matches.all(axis=1), matches.shape[1], matches.argmin(axis=1)
    )
    return lengths
