"""Candidates for an address: names of the region that fit what was typed.

Every word must fit, but for a house number, which maps often lack. A town, state, country or
postcode that disagrees leaves nothing to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from geo.gazetteer.address import canonical, canonical_word
from geo.gazetteer.extent import Extent
from geo.gazetteer.index import NameIndex, NameRow, OverlayIndex, cell, cell_word
from geo.gazetteer.model import House
from geo.gazetteer.query import (
    HouseNumber,
    ParsedAddress,
    Qualifier,
    Word,
    Words,
    fts_prefix_query,
    fts_query,
    parts_of,
    with_houses,
)
from geo.gazetteer.ranking import (
    UNMATCHED,
    UNVERIFIED,
    Candidate,
    MatchedParts,
    Spelling,
    Vocabulary,
    is_named,
    is_populated,
    match_name,
    score_name,
)
from geo.gazetteer.territories import (
    is_misplaced_zip,
    is_street_level,
    matches_territory,
    may_be_postcode,
    outward_code,
    postcode_keys,
    zip_cities,
    zone_cities,
)
from geo.geometry import plane_distance_m
from geo.model import Point

_ENOUGH_NEARBY = 60  # where so many names around the person fit, nobody asks for one further away
_POSTCODE_M = 3_000.0  # how far from a postcode's middle a street or town has it for certain
_MAX_POSTCODE_M = 20_000.0  # how far from a postcode's middle a street of it may lie at most
_MIN_LETTERS = 3  # letters of a word that may hold a typo, where nobody is typing any more
_MIN_TOWN_LETTERS = 5
"""Letters of a word of a town's name that may hold a typo: shorter names are too much alike."""


class Lookup:
    """Finds candidates among the names of a region.

    ``near`` is where the person is, if known; ``unfinished`` says that somebody is still typing.
    """

    def __init__(
        self,
        file: NameIndex | OverlayIndex,
        vocabulary: Callable[[], Vocabulary],
        extent: Callable[[], Extent],
        *,
        near: Point | None,
        unfinished: bool,
    ) -> None:
        self._file = file
        self._vocabulary = vocabulary
        self._extent = extent
        self._near = near
        self.unfinished = unfinished
        self._understood_words: frozenset[str] = frozenset()
        self._correction_cache: dict[tuple[str, bool], list[str]] = {}
        self._postcode_cache: dict[str, list[NameRow]] = {}

    def candidates(self, parses: Sequence[ParsedAddress], limit: int) -> list[Candidate]:
        """Return what fits every word of a parse, but perhaps a house number; in no order.

        Typos are corrected where fewer than `limit` fit.
        """
        # The last parse understands most. What is a territory or postcode in it is no typo of a
        # name in the others.
        self._understood_words = frozenset(word.folded for word in parses[-1].understood)
        attempts = [one for parsed in parses for one in (*with_houses(parsed), parsed)]
        found = [*self._exact_matches(parses), *self._full_text_matches(attempts, corrected=False)]
        if len(found) < limit:
            found += self._full_text_matches(attempts, corrected=True)
        return found or self._without_house_number(parses)

    def rows_named(self, key: str) -> list[NameRow]:
        """Return what is called exactly so, the most important first."""
        return self._file.named(key) if key else []

    @property
    def countries(self) -> frozenset[str]:
        """The countries of the names."""
        return self._extent().countries

    def _exact_matches(self, parses: Sequence[ParsedAddress]) -> Iterator[Candidate]:
        """Yield what is called exactly so, and postcodes that stand alone."""
        for parsed in parses:
            key = " ".join(parsed.canonical)
            for row in self._file.named(key) if key else ():
                candidate = self._candidate(parsed, row, None, Spelling())
                if candidate is not None:
                    yield candidate
            for row in self.postcode_rows(parsed):
                around = row.context.split()
                unverified = self.unverified(parsed, row)
                if unverified is not None and all(one.canonical in around for one in parsed.words):
                    unverified += parsed.postcode_words if is_doubtful_zip(row) else ()
                    yield Candidate(row, row.importance + 1.0, unmatched=raw_words(unverified))

    def _full_text_matches(
        self, parses: Iterable[ParsedAddress], *, corrected: bool, is_whole: bool = False
    ) -> list[Candidate]:
        seen: set[tuple[int, House | None, int]] = set()
        found = []
        for parsed in parses:
            if not parsed.words:
                continue
            spelling = self._spelling(parsed, corrected=corrected)
            for query in self._queries(parsed, corrected=corrected):
                for row, house in self._query_rows(query, parsed):
                    key = row.id, house, len(parsed.words)
                    if key not in seen:
                        seen.add(key)
                        candidate = self._candidate(parsed, row, house, spelling, is_whole=is_whole)
                        if candidate is not None:
                            found.append(candidate)
        return found

    def _spelling(self, parsed: ParsedAddress, *, corrected: bool) -> Spelling:
        last = parsed.words[-1]
        unfinished_word = last if self._is_unfinished(parsed) else None
        if not corrected:
            return Spelling(unfinished_word)
        corrections: dict[str, frozenset[str]] = {}
        for word in parsed.words:
            found = self._corrections(word.folded, unfinished=word is unfinished_word)
            corrections[word.folded] = frozenset(map(canonical_word, found))
        return Spelling(unfinished_word, corrections)

    def _is_unfinished(self, parsed: ParsedAddress) -> bool:
        """Whether the last word may still grow: nothing that was typed behind it is understood."""
        return self.unfinished and not (parsed.qualifiers or parsed.postcode)

    def _queries(self, parsed: ParsedAddress, *, corrected: bool) -> list[str]:
        is_unfinished = self._is_unfinished(parsed)
        corrections = self._corrections if corrected else None
        all_words = fts_query(parsed.words, corrections, unfinished=is_unfinished)
        if parsed.house or corrected or not is_unfinished:
            return [all_words]
        # Names that begin so come first: of all that hold the words, a query returns only some.
        return [fts_prefix_query(parsed.words), all_words]

    def _corrections(self, word: str, unfinished: bool) -> list[str]:
        """Return what a word may have been meant to be; nothing for a word that is understood."""
        if word in self._understood_words or (not self.unfinished and len(word) < _MIN_LETTERS):
            return []
        found = self._correction_cache.get((word, unfinished))
        if found is None:
            found = self._vocabulary().near(word, unfinished=unfinished)
            self._correction_cache[word, unfinished] = found
        return found

    def _query_rows(self, query: str, parsed: ParsedAddress) -> list[tuple[NameRow, House | None]]:
        """Return what fits: first what is around the person, for there may be too many."""
        around = [f"({query}) AND {_cells_around(self._near)}"] if self._near else []
        found: list[tuple[NameRow, House | None]] = []
        for narrowed in (*around, query):
            if len(found) < _ENOUGH_NEARBY:
                if parsed.house is None:
                    found += [(row, None) for row in self._file.matching(narrowed)]
                else:
                    for key in parsed.house.keys:
                        found += self._file.numbered(narrowed, key)
        return found

    def _candidate(
        self,
        parsed: ParsedAddress,
        row: NameRow,
        house: House | None,
        spelling: Spelling,
        *,
        is_whole: bool = False,
    ) -> Candidate | None:
        """Return a name with its score; None where it disagrees with what was typed.

        If ``is_whole``, a part of a name is not enough, even while somebody types.
        """
        unverified = self.unverified(parsed, row)
        typos = self._accepted_typos(parsed, row, spelling)
        if unverified is None or typos is None:
            return None
        named = parsed.words
        if not is_populated(row):  # what names a town for certain is no part of a street's name
            named = tuple(word for word in named if not word.is_town)
        found = match_name(row, named, spelling)
        remaining = (*found.rest, *(word for word in parsed.words if word not in named))
        has_house = house is not None
        has_postcode = bool(parsed.postcode) and parsed.postcode_words[0] not in unverified
        if remaining:
            remaining, doubtful = self._match_context(
                parsed, row, remaining, spelling, is_certain=has_house or has_postcode
            )
            unverified = (*unverified, *doubtful)
        # While somebody types, words that nothing holds yet only cost points.
        if (is_whole or not self.unfinished) and (
            remaining or not is_named(row, found, parsed, numbered=has_house or is_whole)
        ):
            return None
        score = score_name(
            row, found, parsed, MatchedParts(has_house, has_postcode, bool(typos)), near=self._near
        )
        score += UNMATCHED * len(remaining) + UNVERIFIED * len(unverified)
        first = parsed.house.is_first if parsed.house else True
        return Candidate(row, score, house, first, raw_words((*unverified, *typos)))

    def _accepted_typos(
        self, parsed: ParsedAddress, row: NameRow, spelling: Spelling
    ) -> Words | None:
        """Return the words that fit a row by a correction alone; None where that is no match."""
        if not spelling.corrections:
            return ()
        typos = tuple(word for word in parsed.words if not _contains(row, word, spelling))
        if not self.unfinished and (
            _is_too_short_to_correct(row, typos) or _is_other_town(parsed, typos)
        ):
            return None
        return typos

    def _match_context(
        self,
        parsed: ParsedAddress,
        row: NameRow,
        words: Words,
        spelling: Spelling,
        *,
        is_certain: bool,
    ) -> tuple[Words, Words]:
        """Return which words nothing around a row holds, and which only its post may hold.

        ``is_certain`` says that something finer than a town agrees.
        """
        remaining = _words_missing_from(row.context, words, spelling)
        doubtful: Words = ()
        in_context = tuple(word for word in words if word not in remaining)
        is_checked = not (is_certain or self.unfinished)
        if is_checked and self._is_post_town_elsewhere(row, in_context):
            is_county = f"{_key(in_context)} county" in row.context
            if is_county and is_known_town(in_context, parsed.qualifiers):
                return words, ()  # the town of that name is meant, and not the county
            doubtful = in_context
        others = _words_missing_from(row.postal_towns, remaining, spelling)
        only_by_post = tuple(word for word in remaining if word not in others)
        if is_certain:
            return others, doubtful
        if self.unfinished or self._has_town(only_by_post):
            return others, (*doubtful, *only_by_post)
        return remaining, doubtful

    def _is_post_town_elsewhere(self, row: NameRow, words: Words) -> bool:
        """Whether words are what the post calls a street's town, which is not in the region.

        "Church Street, Stamford" may be the one in Ryhall, but Stamford has a Church Street too.
        """
        key = _key(words)
        is_number = any(char.isdigit() for char in key)
        if row.kind != "street" or is_number or key.endswith(" county"):
            return False
        is_around = key in row.context.split("\n")[1:]
        return is_around and not any(is_populated(one) for one in self._file.named(key))

    def _has_town(self, words: Words) -> bool:
        """Whether words name a town of the region, so that none outside it is meant."""
        return any(is_town(row) for row in self._file.named(_key(words))) if words else False

    def unverified(self, parsed: ParsedAddress, row: NameRow) -> Words | None:
        """Return what of the territories and the postcode is not known of a row.

        None where one of them disagrees with it.
        """
        unverified: list[Word] = []
        for qualifier in parsed.qualifiers:
            agreement = matches_territory(qualifier.territories, row.territory)
            if agreement is False:
                return None
            unverified += qualifier.words if agreement is None else ()
        if parsed.postcode:
            agreement = self.matches_postcode(parsed, row)
            if agreement is False:
                return None
            unverified += parsed.postcode_words if agreement is None else ()
        return tuple(unverified)

    def matches_postcode(self, parsed: ParsedAddress, row: NameRow) -> bool | None:
        """Return whether a row has the postcode that was typed; None where that is not known."""
        known = self.postcode_rows(parsed)
        context = row.context.split("\n")
        if row in known or any(
            key in context for key in (canonical(parsed.postcode), *postcode_keys(parsed.postcode))
        ):
            return True
        # A town, or a street with its town: a postcode that the map lacks may then be right.
        is_confirmed = is_populated(row) or len(parts_of(parsed.words)) > 1
        is_outward = outward_code(parsed.postcode) == parsed.postcode
        if is_outward and is_confirmed and self.matches_outward_code(parsed, row):
            return True
        if is_outward or not known:
            may_be = self._extent().may_hold_postcode(parsed.postcode)
            return None if may_be and (is_confirmed or not is_outward) else False
        away_m = min(plane_distance_m(one.lon, one.lat, row.lon, row.lat) for one in known)
        if away_m <= _POSTCODE_M or any(canonical(one.name) in context for one in known):
            return True
        # Postcodes of whole towns reach beyond the points that the map has of them.
        names = {name for one in known for name in context_names(one)}
        by_town = row.settlement and not is_street_level(parsed.postcode) and context[0] in names
        if by_town or (is_populated(row) and not names.isdisjoint(row.keys.split("\n"))):
            return True
        return None if away_m <= _MAX_POSTCODE_M and is_confirmed else False

    def matches_outward_code(self, parsed: ParsedAddress, row: NameRow) -> bool:
        """Return whether the first half of a British postcode is that of postcodes around a row."""
        code = outward_code(parsed.postcode)
        if not code:
            return False
        around = _cells_around(Point(row.lon, row.lat))
        return any(
            plane_distance_m(one.lon, one.lat, row.lon, row.lat) <= _POSTCODE_M
            for one in self._file.matching(f'({{words context}} : "{code.lower()}") AND {around}')
        )

    def postcode_rows(self, parsed: ParsedAddress) -> list[NameRow]:
        """Return the rows of the postcode that was typed; empty where the map lacks it."""
        code = parsed.postcode
        if code and code not in self._postcode_cache:
            found: list[NameRow] = []
            for key in postcode_keys(code):
                if not found:
                    found = [row for row in self._file.named(key) if row.kind == "postcode"]
            self._postcode_cache[code] = found
        return self._postcode_cache.get(code, [])

    def _without_house_number(self, parses: Sequence[ParsedAddress]) -> list[Candidate]:
        """Return the streets whose house numbers the map lacks."""
        numbered = [
            one
            for parsed in parses[len(parses) > 1 and not _has_all_words(parses) :]
            for one in with_houses(parsed)
            if not _is_postcode(one)
        ]
        for corrected in (False, True):
            found: list[Candidate] = []
            for parsed in numbered:
                house = parsed.house
                if house is not None:
                    bare = replace(parsed, house=None)
                    number = raw_words(house.words)
                    found += [
                        replace(one, unmatched=(*number, *one.unmatched))
                        for one in self._full_text_matches(
                            [bare], corrected=corrected, is_whole=True
                        )
                        if _may_have_houses(one.row, house)
                    ]
            if found:
                return found
        return []

    def towns_named(
        self, words: Words, qualifiers: Sequence[Qualifier] = ()
    ) -> Iterator[tuple[NameRow, Words]]:
        """Yield the settlements of a name; with a typo corrected where there is none.

        The second of a pair are the words that hold a typo; ``qualifiers`` are the countries and
        states that were typed behind the name.
        """
        rows = [row for row in self._file.named(_key(words)) if is_town(row)]
        yield from ((row, ()) for row in rows)
        if rows or is_known_town(words, qualifiers):
            return
        for at, word in enumerate(words):
            if len(word.folded) >= _MIN_TOWN_LETTERS:
                for other in self._corrections(word.folded, unfinished=False):
                    other_words = [one.canonical for one in words]
                    other_words[at] = canonical_word(other)
                    for row in self._file.named(" ".join(other_words)):
                        if is_town(row):
                            yield row, (word,)


def is_doubtful_zip(row: NameRow) -> bool:
    """Return whether a postcode of the map is likely an error, and places nobody."""
    return row.territory.startswith("US") and is_misplaced_zip(row.name, row.lon, row.lat)


def context_names(row: NameRow) -> list[str]:
    """Return the canonical names of what a row is in, and of what the post calls that."""
    return [*row.context.split("\n"), *row.postal_towns.split("\n")]


def is_town(row: NameRow) -> bool:
    """Return whether a row is somewhere that people say they live in, and no county."""
    return is_populated(row) and row.kind != "region"


def _is_postcode(parsed: ParsedAddress) -> bool:
    """Whether what was read as a house number may be a postcode."""
    house = parsed.house
    return house is not None and not house.is_first and may_be_postcode(house.keys[0])


def _has_all_words(parses: Sequence[ParsedAddress]) -> bool:
    """Whether the second parse has all words of the first: no apartment was left out."""
    first, second = parses[:2]
    return len(first.words) == len(second.words) + len(second.understood)


def _may_have_houses(row: NameRow, house: HouseNumber) -> bool:
    """Whether a number may be one of the houses of a street or village, and no postcode."""
    return row.kind == "street" or (is_populated(row) and not may_be_postcode(house.keys[0]))


def _is_too_short_to_correct(row: NameRow, typos: Words) -> bool:
    return is_populated(row) and any(len(word.folded) < _MIN_TOWN_LETTERS for word in typos)


def _is_other_town(parsed: ParsedAddress, typos: Words) -> bool:
    """Whether what would be a typo is the right name of a town elsewhere: London is no Lyndon."""
    return any(
        is_known_town(part, parsed.qualifiers)
        for part in parts_of(parsed.words)
        if any(word in typos for word in part)
    )


def is_known_town(words: Words, qualifiers: Sequence[Qualifier] = ()) -> bool:
    """Return whether words are known to name a town, within the territories that were typed."""
    states = zip_cities().get(_key(words), frozenset())
    country = zone_cities().get(" ".join(word.folded for word in words), "")
    return any(
        all(matches_territory(one.territories, code) is not False for one in qualifiers)
        for code in (*states, *((country,) if country else ()))
    )


def _words_missing_from(text: str, words: Words, spelling: Spelling) -> Words:
    """Return the words that a text has not."""
    known, same = text.split(), spelling.matches
    return tuple(word for word in words if not any(same(word, one) for one in known))


def _key(words: Words) -> str:
    return " ".join(word.canonical for word in words)


def _contains(row: NameRow, word: Word, spelling: Spelling) -> bool:
    """Whether a row has a word as it was typed, in a name or around it."""
    texts = (row.keys, row.other_keys, row.context, row.postal_towns)
    return any(spelling.matches_exactly(word, one) for text in texts for one in text.split())


def raw_words(words: Iterable[Word]) -> tuple[str, ...]:
    """Return words as they were typed, in their order."""
    ordered = sorted(words, key=lambda word: (word.part, word.token))
    return tuple(dict.fromkeys(word.raw for word in ordered))


def _cells_around(point: Point) -> str:
    column, row = cell(point.lon, point.lat)
    cells = [(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return "{cell} : (" + " OR ".join(f'"{cell_word(*one)}"' for one in cells) + ")"
