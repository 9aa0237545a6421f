"""Looking an address up: readings of a text against the names of a region.

Every word must fit, but for a house number, which maps often lack. A town, state, country or
postcode that disagrees leaves nothing to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from geo.gazetteer.address import canonical, canonical_word
from geo.gazetteer.extent import Extent
from geo.gazetteer.index import HouseRow, NameRow, NamesFile, RenewedNames, cell, cell_word
from geo.gazetteer.postcodes import (
    is_fine,
    is_misplaced_zip,
    may_be_postcode,
    postcode_keys,
    zip_cities,
)
from geo.gazetteer.query import (
    HouseNumber,
    Qualifier,
    Reading,
    Word,
    Words,
    beginning,
    expression,
    parts_of,
    with_houses,
)
from geo.gazetteer.ranking import (
    Account,
    Candidate,
    Holds,
    Spelling,
    Vocabulary,
    account,
    is_named,
    is_settled,
    score_of,
)
from geo.gazetteer.territories import agrees, outward_code, zone_cities
from geo.geometry import plane_distance_m
from geo.model import Point

_ENOUGH_AROUND = 60
"""Where so many names around the person fit, nobody asks for one further away."""

_POSTCODE_M = 3_000.0
"""How far from a postcode's middle a street or town surely has it."""

_FAR_M = 20_000.0
"""How far from a postcode's middle a street of it may lie at most."""

_SHORTEST_SLIP = 3
"""Letters of a word that may hold a slip, where nobody is typing any more."""

_SHORTEST_MENDED = 5
"""Letters of a word of a town's name that may hold a slip: shorter names are too much alike."""


class Lookup:
    """Looks readings up in the names of a region.

    Parameters
    ----------
    file
        The names.
    vocabulary
        Gives their words, for slips.
    extent
        Gives what they cover.
    near
        Where the person is; None where that is not known.
    unfinished
        Whether somebody is still typing.
    """

    def __init__(
        self,
        file: NamesFile | RenewedNames,
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
        self._certain: frozenset[str] = frozenset()
        self._known_slips: dict[tuple[str, bool], list[str]] = {}
        self._known_postcodes: dict[str, list[NameRow]] = {}

    def found(self, readings: Sequence[Reading], wanted: int) -> list[Candidate]:
        """Return what fits every word of the readings, but perhaps a house number; in no order.

        Slips are mended where less fits than is wanted.
        """
        last = readings[-1]
        certain = (*last.postcode_words, *(w for one in last.qualifiers for w in one.words))
        self._certain = frozenset(word.folded for word in certain)
        tries = [one for reading in readings for one in (*with_houses(reading), reading)]
        found = [*self._named(readings), *self._fitting(tries, mended=False)]
        if len(found) < wanted:
            found += self._fitting(tries, mended=True)
        return found or self._without_houses(readings)

    def named(self, key: str) -> list[NameRow]:
        """Return what is called exactly so, the most important first."""
        return self._file.named(key) if key else []

    @property
    def countries(self) -> frozenset[str]:
        """The countries of the names."""
        return self._extent().countries

    def _named(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield what is called exactly so, and postcodes that stand alone."""
        for reading in readings:
            key = " ".join(reading.canonical)
            for row in self._file.named(key) if key else ():
                candidate = self._candidate(reading, row, None, Spelling())
                if candidate is not None:
                    yield candidate
            for row in self.rows_of_postcode(reading):
                around = row.context.split()
                unknown = self.unknown(reading, row)
                if unknown is not None and all(one.canonical in around for one in reading.words):
                    unknown += reading.postcode_words if is_doubtful_zip(row) else ()
                    yield Candidate(row, row.importance + 1.0, unmatched=raw_words(unknown))

    def _fitting(
        self, readings: Iterable[Reading], *, mended: bool, strict: bool = False
    ) -> list[Candidate]:
        seen: set[tuple[int, HouseRow | None, int]] = set()
        found = []
        for reading in readings:
            if not reading.words:
                continue
            spelling = self._spelling(reading, mended=mended)
            for query in self._queries(reading, mended=mended):
                for row, house in self._rows(query, reading):
                    key = row.id, house, len(reading.words)
                    if key not in seen:
                        seen.add(key)
                        candidate = self._candidate(reading, row, house, spelling, strict=strict)
                        if candidate is not None:
                            found.append(candidate)
        return found

    def _spelling(self, reading: Reading, *, mended: bool) -> Spelling:
        last = reading.words[-1]
        open_word = last if self._is_open(reading) else None
        if not mended:
            return Spelling(open_word)
        readings = {
            word.folded: frozenset(
                map(canonical_word, self._slips(word.folded, unfinished=word is open_word))
            )
            for word in reading.words
        }
        return Spelling(open_word, readings)

    def _is_open(self, reading: Reading) -> bool:
        """Whether the last word may still grow: nothing that was typed behind it is understood."""
        return self.unfinished and not (reading.qualifiers or reading.postcode)

    def _queries(self, reading: Reading, *, mended: bool) -> list[str]:
        is_open = self._is_open(reading)
        slips = self._slips if mended else None
        every = expression(reading.words, slips, unfinished=is_open)
        if reading.house or mended or not is_open:
            return [every]
        return [beginning(reading.words), every]

    def _slips(self, word: str, unfinished: bool) -> list[str]:
        """Return what a word may have been meant to be; nothing for a word that is understood."""
        if word in self._certain or (not self.unfinished and len(word) < _SHORTEST_SLIP):
            return []
        found = self._known_slips.get((word, unfinished))
        if found is None:
            found = self._vocabulary().near(word, unfinished=unfinished)
            self._known_slips[word, unfinished] = found
        return found

    def _rows(self, query: str, reading: Reading) -> list[tuple[NameRow, HouseRow | None]]:
        """Return what fits: first what is around the person, for there may be too many."""
        around = [f"({query}) AND {_cells_around(self._near)}"] if self._near else []
        found: list[tuple[NameRow, HouseRow | None]] = []
        for narrowed in (*around, query):
            if len(found) < _ENOUGH_AROUND:
                if reading.house is None:
                    found += [(row, None) for row in self._file.matching(narrowed)]
                else:
                    for key in reading.house.keys:
                        found += self._file.numbered(narrowed, key)
        return found

    def _candidate(
        self,
        reading: Reading,
        row: NameRow,
        house: HouseRow | None,
        spelling: Spelling,
        *,
        strict: bool = False,
    ) -> Candidate | None:
        """Return a name with its score; None where it disagrees with what was typed.

        Parameters
        ----------
        strict
            Whether a part of a name is not enough, even while somebody types.
        """
        unknown = self.unknown(reading, row)
        if unknown is None:
            return None
        named = reading.words
        if not is_settled(row) and any(word.is_town for word in named):
            named = tuple(word for word in named if not word.is_town)
        found = account(row, named, spelling)
        elsewise = found.rest if named is reading.words else _others(reading.words, named, found)
        has_house = house is not None
        has_postcode = bool(reading.postcode) and reading.postcode_words[0] not in unknown
        if elsewise:
            is_sure = has_house or has_postcode
            elsewise, doubtful = self._around(reading, row, elsewise, spelling, is_sure=is_sure)
            unknown = (*unknown, *doubtful)
        if (strict or not self.unfinished) and (
            elsewise or not is_named(row, found, reading, numbered=has_house or strict)
        ):
            return None
        slips: Words = ()
        if spelling.readings:
            slips = tuple(word for word in reading.words if not _holds(row, word, spelling))
            if not self.unfinished and (
                _is_too_short(row, slips) or _is_other_town(reading, slips)
            ):
                return None
        holds = Holds(has_house, has_postcode, bool(slips))
        score = score_of(row, found, reading, holds, near=self._near)
        score -= 0.2 * len(elsewise) + 0.1 * len(unknown)
        first = reading.house.is_first if reading.house else True
        unmatched = raw_words((*unknown, *slips)) if unknown or slips else ()
        return Candidate(row, score, house, first, unmatched)

    def _around(
        self, reading: Reading, row: NameRow, words: Words, spelling: Spelling, *, is_sure: bool
    ) -> tuple[Words, Words]:
        """Return which words nothing around a row holds, and which only its post may hold.

        Parameters
        ----------
        is_sure
            Whether something finer than a town agrees.
        """
        left = _not_in(row.context, words, spelling)
        doubtful: Words = ()
        held = tuple(word for word in words if word not in left)
        is_checked = not (is_sure or self.unfinished)
        if is_checked and self._is_post_town_elsewhere(row, held):
            if f"{_key(held)} county" in row.context and is_known_town(held, reading.qualifiers):
                return words, ()  # the town of that name, and not the county
            doubtful = held
        others = _not_in(row.postal_towns, left, spelling)
        by_post = tuple(word for word in left if word not in others)
        if is_sure:
            return others, doubtful
        if self.unfinished or self._knows_town(by_post):
            return others, (*doubtful, *by_post)
        return left, doubtful

    def _is_post_town_elsewhere(self, row: NameRow, words: Words) -> bool:
        """Whether words are what the post calls a street's town, which is not in the region.

        "Church Street, Stamford" may be the one in Ryhall, but Stamford has a Church Street too.
        """
        key = _key(words)
        is_number = any(char.isdigit() for char in key)
        if row.kind != "street" or is_number or key.endswith(" county"):
            return False
        is_around = key in row.context.split("\n")[1:]
        return is_around and not any(is_settled(one) for one in self._file.named(key))

    def _knows_town(self, words: Words) -> bool:
        """Whether words name a town of the region, so that none outside it is meant."""
        return any(is_town(row) for row in self._file.named(_key(words))) if words else False

    def unknown(self, reading: Reading, row: NameRow) -> Words | None:
        """Return what of the territories and the postcode is not known of a row.

        None where one of them disagrees with it.
        """
        unknown: list[Word] = []
        for qualifier in reading.qualifiers:
            agreed = agrees(qualifier.territories, row.territory)
            if agreed is False:
                return None
            unknown += qualifier.words if agreed is None else ()
        if reading.postcode:
            agreed = self.has_postcode(reading, row)
            if agreed is False:
                return None
            unknown += reading.postcode_words if agreed is None else ()
        return tuple(unknown)

    def has_postcode(self, reading: Reading, row: NameRow) -> bool | None:
        """Return whether a row has the postcode that was typed; None where that is not known."""
        known = self.rows_of_postcode(reading)
        context = row.context.split("\n")
        if row in known or any(
            key in context
            for key in (canonical(reading.postcode), *postcode_keys(reading.postcode))
        ):
            return True
        is_elsewise_sure = is_settled(row) or len(parts_of(reading.words)) > 1
        is_outward = outward_code(reading.postcode) == reading.postcode
        if is_outward and is_elsewise_sure and self.has_outward_code(reading, row):
            return True
        if is_outward or not known:
            may_be = self._extent().may_hold_postcode(reading.postcode)
            return None if may_be and (is_elsewise_sure or not is_outward) else False
        away_m = min(plane_distance_m(one.lon, one.lat, row.lon, row.lat) for one in known)
        if away_m <= _POSTCODE_M or any(canonical(one.name) in context for one in known):
            return True
        names = {name for one in known for name in names_around(one)}
        by_town = row.settlement and not is_fine(reading.postcode) and context[0] in names
        if by_town or (is_settled(row) and not names.isdisjoint(row.keys.split("\n"))):
            return True
        return None if away_m <= _FAR_M and is_elsewise_sure else False

    def has_outward_code(self, reading: Reading, row: NameRow) -> bool:
        """Return whether the first half of a British postcode is that of postcodes around a row."""
        code = outward_code(reading.postcode)
        if not code:
            return False
        around = _cells_around(Point(row.lon, row.lat))
        return any(
            plane_distance_m(one.lon, one.lat, row.lon, row.lat) <= _POSTCODE_M
            for one in self._file.matching(f'({{words context}} : "{code.lower()}") AND {around}')
        )

    def rows_of_postcode(self, reading: Reading) -> list[NameRow]:
        """Return the postcode of a reading as the map has it; empty where it has it not."""
        code = reading.postcode
        if code and code not in self._known_postcodes:
            found: list[NameRow] = []
            for key in postcode_keys(code):
                if not found:
                    found = [row for row in self._file.named(key) if row.kind == "postcode"]
            self._known_postcodes[code] = found
        return self._known_postcodes.get(code, [])

    def _without_houses(self, readings: Sequence[Reading]) -> list[Candidate]:
        """Return the streets whose house numbers the map lacks."""
        numbered = [
            one
            for reading in readings[len(readings) > 1 and not _is_literal(readings) :]
            for one in with_houses(reading)
            if not _is_postcode(one)
        ]
        for mended in (False, True):
            found: list[Candidate] = []
            for reading in numbered:
                house = reading.house
                if house is not None:
                    bare = replace(reading, house=None)
                    number = raw_words(house.words)
                    found += [
                        replace(one, unmatched=(*number, *one.unmatched))
                        for one in self._fitting([bare], mended=mended, strict=True)
                        if _may_have_houses(one.row, house)
                    ]
            if found:
                return found
        return []

    def settled(
        self, words: Words, qualifiers: Sequence[Qualifier] = ()
    ) -> Iterator[tuple[NameRow, Words]]:
        """Yield the settlements of a name; with a slip mended where there is none.

        The second of a pair are the words that hold a slip.

        Parameters
        ----------
        qualifiers
            The countries and states that were typed behind it.
        """
        rows = [row for row in self._file.named(_key(words)) if is_town(row)]
        yield from ((row, ()) for row in rows)
        if rows or is_known_town(words, qualifiers):
            return
        for at, word in enumerate(words):
            if len(word.folded) >= _SHORTEST_MENDED:
                for other in self._slips(word.folded, unfinished=False):
                    other_words = [one.canonical for one in words]
                    other_words[at] = canonical_word(other)
                    for row in self._file.named(" ".join(other_words)):
                        if is_town(row):
                            yield row, (word,)


def is_doubtful_zip(row: NameRow) -> bool:
    """Return whether a postcode of the map is likely a slip there, and places nobody surely."""
    return row.territory.startswith("US") and is_misplaced_zip(row.name, row.lon, row.lat)


def names_around(row: NameRow) -> list[str]:
    """Return the canonical names of what a row is in, and of what the post calls that."""
    return [*row.context.split("\n"), *row.postal_towns.split("\n")]


def _others(words: Words, named: Words, found: Account) -> Words:
    """Return the words that a name has not accounted for, those that name a town among them."""
    return (*found.rest, *(word for word in words if word not in named))


def is_town(row: NameRow) -> bool:
    """Return whether a row is somewhere that people say they live in, and no county."""
    return is_settled(row) and row.kind != "region"


def _is_postcode(reading: Reading) -> bool:
    """Whether what was read as a house number may be a postcode."""
    house = reading.house
    return house is not None and not house.is_first and may_be_postcode(house.keys[0])


def _is_literal(readings: Sequence[Reading]) -> bool:
    """Whether the second reading has all words of the first: no apartment was left out."""
    first, second = readings[:2]
    understood = (*second.postcode_words, *(w for one in second.qualifiers for w in one.words))
    return len(first.words) == len(second.words) + len(understood)


def _may_have_houses(row: NameRow, house: HouseNumber) -> bool:
    """Whether a number may be one of the houses of a street or village, and no postcode."""
    return row.kind == "street" or (is_settled(row) and not may_be_postcode(house.keys[0]))


def _is_too_short(row: NameRow, slips: Words) -> bool:
    return is_settled(row) and any(len(word.folded) < _SHORTEST_MENDED for word in slips)


def _is_other_town(reading: Reading, slips: Words) -> bool:
    """Whether what would be a slip is the right name of a town elsewhere: London is no Lyndon."""
    return any(
        is_known_town(part, reading.qualifiers)
        for part in parts_of(reading.words)
        if any(word in slips for word in part)
    )


def is_known_town(words: Words, qualifiers: Sequence[Qualifier] = ()) -> bool:
    """Return whether words are known to name a town, within the territories that were typed."""
    states = zip_cities().get(_key(words), frozenset())
    country = zone_cities().get(" ".join(word.folded for word in words), "")
    return any(
        all(agrees(one.territories, code) is not False for one in qualifiers)
        for code in (*states, *((country,) if country else ()))
    )


def _not_in(text: str, words: Words, spelling: Spelling) -> Words:
    """Return the words that a text has not."""
    known, same = text.split(), spelling.same
    return tuple(word for word in words if not any(same(word, one) for one in known))


def _key(words: Words) -> str:
    return " ".join(word.canonical for word in words)


def _holds(row: NameRow, word: Word, spelling: Spelling) -> bool:
    """Whether a row has a word as it was typed, in a name or around it."""
    texts = (row.keys, row.other_keys, row.context, row.postal_towns)
    return any(spelling.plain(word, one) for text in texts for one in text.split())


def raw_words(words: Iterable[Word]) -> tuple[str, ...]:
    """Return words as they were typed, in their order."""
    ordered = sorted(words, key=lambda word: (word.part, word.token))
    return tuple(dict.fromkeys(word.raw for word in ordered))


def _cells_around(point: Point) -> str:
    """Return a query for the nine cells around a position."""
    column, row = cell(point.lon, point.lat)
    cells = [(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return "{cell} : (" + " OR ".join(f'"{cell_word(*one)}"' for one in cells) + ")"
