"""Parsing what a person typed: words and parts, a house number, a postcode, a territory.

One text can be parsed in several ways: "Georgia, VT" may be a town and its state, or two words of a
name. A parse holds what is left to look for once some of the text is understood; the best match
decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from geo.files import read_table
from geo.gazetteer.address import (
    NUMBER,
    PostalAddress,
    articles,
    canonical_words,
    is_street_word,
    join_initials,
    settlement_kinds,
    typed_number_keys,
)
from geo.gazetteer.model import fold
from geo.gazetteer.territories import may_be_postcode, normalise_postcode, territories_named

_MAX_WORDS = 16
_MAX_HOUSE_NUMBERS = 3
_MAX_TERRITORY_WORDS = 5  # words of a country's or state's name that are tried
_MAX_POSTCODE_WORDS = 3
_TOWN, _COUNTY = 100, 101
"""Parts of an address by its parts: those of its street are numbered below."""

_PART = re.compile(r"[,;\n\r\t|]+")
_HALF = re.compile(r"(\d)\s*½")
_OUTER_PUNCTUATION = re.compile(r"^[^\w#½]+|[^\w½]+$")
_ELIDED = re.compile(r"[dl]['’](\w+)", re.IGNORECASE)
_DIRECTIONS = frozenset("nesw")


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was typed.

    Attributes
    ----------
    raw
        As it was typed.
    canonical
        As `geo.gazetteer.address` has it.
    part
        Number of its part between commas.
    token
        Number of what stands between blanks: "12-14" is two words of one token.
    is_town
        Whether it is known to name a town, and no street.
    """

    raw: str
    folded: str
    canonical: str
    part: int
    token: int
    is_town: bool = False


Words = tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Qualifier:
    """A country or state that was typed: its words, and the territories that it may name.

    It is certain where it can hardly be anything else: in "12 Elm Ct" it is a court.
    """

    words: Words
    territories: frozenset[str]
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class HouseNumber:
    """A house number among the words: what it is looked up by, and whether it stood first."""

    words: Words
    keys: tuple[str, ...]
    is_first: bool


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """What to look for, once some of a text is understood.

    Its words are those of a street or place, and of what makes it precise; its postcode is as on an
    envelope, or empty.
    """

    words: Words
    house: HouseNumber | None = None
    postcode: str = ""
    postcode_words: Words = ()
    qualifiers: tuple[Qualifier, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The folded words."""
        return tuple(word.folded for word in self.words)

    @property
    def understood(self) -> Words:
        """The words of its postcode and territories."""
        return (*self.postcode_words, *(word for one in self.qualifiers for word in one.words))

    @property
    def canonical(self) -> tuple[str, ...]:
        """The canonical words."""
        return tuple(word.canonical for word in self.words)


Corrections = Callable[[str, bool], list[str]]
"""Returns corrections of a word; the second argument is whether the word is unfinished."""


def fts_query(words: Words, corrections: Corrections | None = None, *, unfinished: bool) -> str:
    """Return words in the language of SQLite's FTS5; folded and quoted, so none is an operator.

    Every word must occur in the name or in what makes it precise (settlement, county), and one at
    least in the name. If ``unfinished``, the last word may be the beginning of one.
    """
    groups = []
    for position, word in enumerate(words):
        is_unfinished = unfinished and position == len(words) - 1
        forms = list(dict.fromkeys((word.folded, word.canonical)))
        if corrections is not None:
            forms += corrections(word.folded, is_unfinished)
        groups.append(" OR ".join(f'"{form}"{" *" if is_unfinished else ""}' for form in forms))
    if len(groups) == 1:
        return f"{{words}} : ({groups[0]})"
    all_words = " AND ".join(f"({group})" for group in groups)
    return f"({{words context}} : ({all_words})) AND ({{words}} : ({' OR '.join(groups)}))"


def fts_prefix_query(words: Words) -> str:
    """Return the query for names that begin with these words, the last one perhaps unfinished."""
    return f'{{words}} : ^ "{" ".join(word.folded for word in words)}" *'


def words_of(text: str, *, first_part: int = 0, is_town: bool = False) -> Words:
    """Return the words of a text."""
    found: list[Word] = []
    token = 0
    for number, part in enumerate(
        _PART.split(_HALF.sub(r"\1 1/2", join_initials(text))), first_part
    ):
        for raw in part.split():
            folded = fold(raw).split()
            token += 1
            bare = _OUTER_PUNCTUATION.sub("", raw) or raw
            for one in folded:
                shown = bare if len(folded) == 1 else one
                found.append(Word(shown, one, one, number, token, is_town))
    return _with_canonical(found[:_MAX_WORDS])


def _with_canonical(words: list[Word]) -> Words:
    """Give words their canonical forms; "twenty first" becomes one word."""
    found: list[Word] = []
    for word in words:
        pair = canonical_words([found[-1].folded, word.folded]) if found else []
        if len(pair) == 1:
            both = f"{found[-1].raw} {word.raw}"
            found[-1] = replace(found[-1], raw=both, folded=pair[0], canonical=pair[0])
        else:
            found.append(replace(word, canonical=canonical_words([word.folded])[0]))
    return tuple(found)


def parse_text(text: str) -> list[ParsedAddress]:
    """Return the parses of a text: first all of it, then with more and more understood."""
    words = words_of(text)
    bare = _without_units(words)
    parses = [ParsedAddress(words)]
    if bare != words:
        parses.append(ParsedAddress(bare))
    parsed = ParsedAddress(bare)
    while (shortened := _parse_end(parsed)) is not None:
        parses.append(shortened)
        parsed = shortened
    if (shortened := _parse_beginning(parsed)) is not None:
        parses.append(shortened)
    return parses


def without_prefixes(
    parses: Sequence[ParsedAddress], is_town_name: Callable[[Words], bool]
) -> list[ParsedAddress]:
    """Return parses whose parts begin with the name alone: no article, no kind of settlement.

    "El Pas de la Casa" is on the map as "Pas de la Casa", "Parròquia d'Ordino" as "Ordino". But
    what is a town's name as it is stays: "Las Vegas" is no Vegas.
    """
    found = []
    for parsed in parses:
        parts = parts_of(parsed.words)
        bare = [
            word for one in parts for word in (one if is_town_name(one) else _without_prefix(one))
        ]
        if len(bare) < len(parsed.words):
            found.append(replace(parsed, words=tuple(bare)))
    return found


def _without_prefix(part: Words) -> Words:
    start = 0
    if len(part) > 1 and part[0].canonical in settlement_kinds():
        if elided := _ELIDED.fullmatch(part[1].raw):
            first = words_of(elided[1])[0]
            first_word = replace(
                part[1], raw=first.raw, folded=first.folded, canonical=first.canonical
            )
            return (first_word, *part[2:])
        start = 1 if part[1].canonical in articles() else 0
    while start < len(part) - 1 and part[start].canonical in articles():
        start += 1
    return part[start:]


def parse_address(address: PostalAddress) -> list[ParsedAddress]:
    """Return the parses of an address by its parts: what each says is certain."""
    if address == PostalAddress(street=address.street):
        return parse_text(address.street)
    street = _parse_street(address.street)
    towns = parse_text(address.town)
    variants = (towns[0], towns[-1]) if len(towns) > 1 else (towns[0],)
    return [_with_area(_join(street, _mark_as_town(one, _TOWN)), address) for one in variants]


def _with_area(parsed: ParsedAddress, address: PostalAddress) -> ParsedAddress:
    """Return a parse with the county, state, country and postcode of an address."""
    whole = _join(parsed, _mark_as_town(ParsedAddress(words_of(address.county)), _COUNTY))
    for number, text in enumerate((address.state, address.country), _COUNTY + 1):
        whole = _with_territory(whole, words_of(text, first_part=number, is_town=True))
    if address.postcode.strip():
        code = normalise_postcode(address.postcode)
        typed = words_of(address.postcode, first_part=_COUNTY + 3)
        whole = replace(whole, postcode=code, postcode_words=typed)
    return whole


def _mark_as_town(parsed: ParsedAddress, part: int) -> ParsedAddress:
    marked = (replace(word, part=part, is_town=True) for word in parsed.words)
    return replace(parsed, words=tuple(marked))


def _parse_street(text: str) -> ParsedAddress:
    """Return what a cell for the street says; without a comma it holds no town or postcode."""
    bare = ParsedAddress(_without_units(words_of(text)))
    first = [word for word in bare.words if word.part == 0]
    whole = [one for one in parse_text(text) if first == [w for w in one.words if w.part == 0]]
    return whole[-1] if whole else bare


def _join(one: ParsedAddress, other: ParsedAddress) -> ParsedAddress:
    return ParsedAddress(
        words=(*one.words, *other.words),
        postcode=other.postcode or one.postcode,
        postcode_words=other.postcode_words or one.postcode_words,
        qualifiers=(*one.qualifiers, *other.qualifiers),
    )


def _with_territory(parsed: ParsedAddress, words: Words) -> ParsedAddress:
    if not words:
        return parsed
    territories = territories_named(word.folded for word in words)
    if territories:
        return replace(parsed, qualifiers=(*parsed.qualifiers, Qualifier(words, territories)))
    return replace(parsed, words=(*parsed.words, *words))


def with_houses(parsed: ParsedAddress) -> Iterator[ParsedAddress]:
    """Yield a parse with each house number that may stand in it."""
    for start, end in list(_house_spans(parsed.words))[:_MAX_HOUSE_NUMBERS]:
        number = parsed.words[start:end]
        rest = (*parsed.words[:start], *parsed.words[end:])
        if rest:
            keys = typed_number_keys(_join_house_number(number))
            house = HouseNumber(number, keys, is_first=_is_first(parsed.words, start))
            yield replace(parsed, words=rest, house=house)


def _is_first(words: Words, start: int) -> bool:
    """Whether a number stands before its street: as the first of its part, with words behind."""
    starts_part = start == 0 or words[start - 1].part != words[start].part
    return starts_part and (start + 1 == len(words) or words[start + 1].part == words[start].part)


def _join_house_number(words: Words) -> str:
    """Return a house number as it was typed: "12-14", "215 B", "12 1/2"."""
    text = words[0].folded
    for preceding, word in pairwise(words):
        same = preceding.token == word.token
        text += ("-" if same and word.folded.isdigit() else " ") + word.folded
    return text.replace("1-2", "1/2") if text.endswith(" 1-2") else text


def _house_spans(words: Words) -> Iterator[tuple[int, int]]:
    for start, word in enumerate(words):
        if not NUMBER.fullmatch(word.folded) or word.is_town:
            continue
        following = [one for one in words[start + 1 : start + 3] if one.part == word.part]
        folded = [one.folded for one in following]
        if folded == ["1", "2"] and following[0].token == following[1].token != word.token:
            yield start, start + 3
        if folded and folded[0].isdigit() and following[0].token == word.token:
            yield start, start + 2
        elif folded and len(folded[0]) == 1 and folded[0].isalpha() and word.folded.isdigit():
            yield start, start + 2
            if folded[0] in _DIRECTIONS:
                yield start, start + 1
            continue
        yield start, start + 1


def _parse_end(parsed: ParsedAddress) -> ParsedAddress | None:
    """Take a country, state or postcode from the end of what is left; None where none is there."""
    words = parsed.words
    max_words = len(words) if parsed.postcode else len(words) - 1  # "VT 05992" needs no town
    for count in range(min(_MAX_TERRITORY_WORDS, max_words), 0, -1):
        end = words[-count:]
        if end[0].part == end[-1].part and not _splits_token(words, len(words) - count):
            territories = territories_named(word.folded for word in end)
            if territories and parsed.postcode_words[:1] != end[:1]:
                follows_name = count == 1 and end[0].part == words[0].part
                is_certain = not (follows_name and is_street_word(end[0].canonical))
                qualifiers = (*parsed.qualifiers, Qualifier(end, territories, is_certain))
                return replace(parsed, words=words[:-count], qualifiers=qualifiers)
    if parsed.postcode:
        return None
    for count in range(min(_MAX_POSTCODE_WORDS, len(words)), 0, -1):
        if found := _with_postcode(parsed, len(words) - count, len(words)):
            return found
    return None


def _parse_beginning(parsed: ParsedAddress) -> ParsedAddress | None:
    """Take a postcode from before the town, as in "8001 Zürich"; None where none is there."""
    if parsed.postcode or not parsed.words:
        return None
    last = parsed.words[-1].part
    start = next(at for at, word in enumerate(parsed.words) if word.part == last)
    for at in dict.fromkeys((start, 0)):
        for count in range(_MAX_POSTCODE_WORDS, 0, -1):
            if at + count < len(parsed.words) and (found := _with_postcode(parsed, at, at + count)):
                return found
    return None


def _with_postcode(parsed: ParsedAddress, start: int, end: int) -> ParsedAddress | None:
    words = parsed.words
    typed = words[start:end]
    if typed[0].part != typed[-1].part or _splits_token(words, start) or _splits_token(words, end):
        return None
    code = _join_postcode(typed)
    if not any(char.isdigit() for char in code) or not may_be_postcode(code):
        return None
    rest = (*words[:start], *words[end:])
    return replace(parsed, words=rest, postcode=normalise_postcode(code), postcode_words=typed)


def _join_postcode(words: Words) -> str:
    """Return words of a postcode with what stood between them: a blank, or a hyphen."""
    text = words[0].folded
    for preceding, word in pairwise(words):
        text += ("-" if preceding.token == word.token else " ") + word.folded
    return text.upper()


def _splits_token(words: Words, at: int) -> bool:
    return 0 < at < len(words) and words[at - 1].token == words[at].token


@cache
def _unit_words() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    parts = read_table("addresses")["parts"]
    return (
        frozenset(parts["units"]),
        frozenset(parts["boxes"]),
        frozenset(parts["box_beginnings"]),
    )


def _without_units(words: Words) -> Words:
    """Leave out apartments, suites and post boxes: they are parts of a building, or no place."""
    units, boxes, box_prefixes = _unit_words()
    kept: list[Word] = []
    skipped: set[int] = set()
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else None
        if at in skipped:
            continue
        numbered = (
            following is not None and following.part == word.part and _is_unit_number(following)
        )
        if word.raw.startswith("#"):
            continue
        if word.folded in boxes and numbered:
            while kept and kept[-1].part == word.part and kept[-1].folded in box_prefixes:
                kept.pop()
            skipped.add(at + 1)
        elif word.folded in units and numbered and (kept or len(words) > at + 2):
            skipped.add(at + 1)
        else:
            kept.append(word)
    return tuple(kept)


def _is_unit_number(word: Word) -> bool:
    return len(word.folded) == 1 or any(char.isdigit() for char in word.folded)


def parts_of(words: Sequence[Word]) -> list[Words]:
    """Return words by their parts."""
    parts: dict[int, list[Word]] = {}
    for word in words:
        parts.setdefault(word.part, []).append(word)
    return [tuple(part) for part in parts.values()]
