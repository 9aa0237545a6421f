"""Looking an address up: readings of a text against the names of a region.

What was typed is given up in one order only: a house number, which maps often lack; then the
street, if the town is known; then what a postcode makes needless. A town, state, country or
postcode that disagrees leaves nothing to find.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from geo.gazetteer.canonical import canonical, canonical_word, is_street_word
from geo.gazetteer.extent import Extent
from geo.gazetteer.plane import plane_distance_m
from geo.gazetteer.postcodes import may_be_postcode, postcode_keys, zip_codes, zip_of
from geo.gazetteer.query import (
    HouseNumber,
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
    Spelling,
    account,
    is_named,
    is_settled,
    score_of,
)
from geo.gazetteer.reading import HouseRow, NameRow, NamesFile
from geo.gazetteer.renewed import RenewedNames
from geo.gazetteer.schema import cell, cell_word
from geo.gazetteer.territories import agrees
from geo.gazetteer.typos import Vocabulary
from geo.model import Point

_ENOUGH_AROUND = 60
"""Where so many names around the person fit, nobody asks for one further away."""

_POSTCODE_M = 3_000.0
"""How far from a postcode's middle a street or town surely has it."""

_FAR_M = 20_000.0
"""How far from a postcode's middle a street of it may lie at most."""

_SHORTEST_SLIP = 3
"""Letters of a word that may hold a slip, where nobody is typing any more."""

_POST_TOWN_M = 25_000.0
"""How far from its post town a settlement may be."""

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
        self._unfinished = unfinished
        self._certain: frozenset[str] = frozenset()
        self._known_slips: dict[tuple[str, bool], list[str]] = {}
        self._known_postcodes: dict[str, list[NameRow]] = {}

    def find(self, readings: Sequence[Reading], wanted: int) -> list[Candidate]:
        """Return what fits the readings, in no order; with slips mended where little does."""
        last = readings[-1]
        certain = (*last.postcode_words, *(w for one in last.qualifiers for w in one.words))
        self._certain = frozenset(word.folded for word in certain)
        found = self._found(readings, wanted)
        finer = self._without_post_towns(readings) if not found else []
        if finer:
            found = self._found(finer, 1) or list(self._towns(finer))
        for fallback in (self._towns, self._postcodes, self._cities):
            if not found:
                found = list(fallback(readings))
        return found

    def _found(self, readings: Sequence[Reading], wanted: int) -> list[Candidate]:
        """Return what fits every word of the readings, but perhaps a house number."""
        tries = [one for reading in readings for one in (*with_houses(reading), reading)]
        found = [*self._named(readings), *self._fitting(tries, mended=False)]
        if len(found) < wanted:
            found += self._fitting(tries, mended=True)
        return found or self._without_houses(readings)

    def _without_post_towns(self, readings: Sequence[Reading]) -> list[Reading]:
        """Return readings without larger towns behind the one that is meant.

        In "Main Street, Cottesmore, Oakham" the street is in Cottesmore, and the post goes by
        Oakham, which must be near.
        """
        found = []
        for reading in readings:
            parts = parts_of(reading.words)
            towns = [[row for row, slips in self._settled(part) if not slips] for part in parts]
            named = [number for number, rows in enumerate(towns) if rows]
            if len(named) > 1:
                first, *others = named
                if all(_is_near(towns[first], towns[other]) for other in others):
                    kept = [part for number, part in enumerate(parts) if number not in others]
                    words = tuple(word for part in kept for word in part)
                    found.append(replace(reading, words=words))
        return found

    # What every word fits.

    def _named(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield what is called exactly so, and postcodes that stand alone."""
        for reading in readings:
            key = " ".join(reading.canonical)
            for row in self._file.named(key) if key else ():
                candidate = self._candidate(reading, row, None, Spelling())
                if candidate is not None:
                    yield candidate
            for row in self._rows_of_postcode(reading):
                around = row.context.split()
                unknown = self._unknown(reading, row)
                if unknown is not None and all(one.canonical in around for one in reading.words):
                    yield Candidate(row, row.importance + 1.0, unmatched=_raw(unknown))

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
        return self._unfinished and not (reading.qualifiers or reading.postcode)

    def _queries(self, reading: Reading, *, mended: bool) -> list[str]:
        is_open = self._is_open(reading)
        slips = self._slips if mended else None
        every = expression(reading.words, slips, unfinished=is_open)
        if reading.house or mended or not is_open:
            return [every]
        return [beginning(reading.words), every]

    def _slips(self, word: str, unfinished: bool) -> list[str]:
        """Return what a word may have been meant to be; nothing for a word that is understood."""
        if word in self._certain or (not self._unfinished and len(word) < _SHORTEST_SLIP):
            return []
        found = self._known_slips.get((word, unfinished))
        if found is None:
            found = self._vocabulary().near(word, unfinished=unfinished)
            self._known_slips[word, unfinished] = found
        return found

    def _rows(self, query: str, reading: Reading) -> list[tuple[NameRow, HouseRow | None]]:
        """Return what fits: first what is around the person, for there may be too many."""
        around = [f"({query}) AND {_around(self._near)}"] if self._near else []
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
        unknown = self._unknown(reading, row)
        if unknown is None:
            return None
        named = reading.words
        if not is_settled(row) and any(word.is_town for word in named):
            named = tuple(word for word in named if not word.is_town)
        found = account(row, named, spelling)
        elsewise = found.rest if named is reading.words else _others(reading.words, named, found)
        if elsewise:
            elsewise = _not_in(row.context, elsewise, spelling)
        has_house = house is not None
        has_postcode = bool(reading.postcode) and reading.postcode_words[0] not in unknown
        if elsewise:
            left = _not_in(row.postal_towns, elsewise, spelling)
            by_post = tuple(word for word in elsewise if word not in left)
            if has_house or has_postcode:
                elsewise = left
            elif self._unfinished or self._knows_town(by_post):
                unknown, elsewise = (*unknown, *by_post), left
        if (strict or not self._unfinished) and (
            elsewise or not is_named(row, found, reading, has_house=has_house)
        ):
            return None
        slips: list[Word] = []
        if spelling.readings:
            slips = [word for word in reading.words if not _holds(row, word, spelling)]
        score = score_of(
            row,
            found,
            reading,
            has_house=has_house,
            slips=len(slips),
            has_postcode=has_postcode,
            near=self._near,
        )
        score -= 0.2 * len(elsewise) + 0.1 * len(unknown)
        first = reading.house.is_first if reading.house else True
        unmatched = _raw((*unknown, *slips)) if unknown or slips else ()
        return Candidate(row, score, house, first, unmatched)

    def _knows_town(self, words: Words) -> bool:
        """Whether words name a town of the region, so that none outside it is meant."""
        return any(_is_town(row) for row in self._file.named(_key(words))) if words else False

    def _unknown(self, reading: Reading, row: NameRow) -> Words | None:
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
            agreed = self._has_postcode(reading, row)
            if agreed is False:
                return None
            unknown += reading.postcode_words if agreed is None else ()
        return tuple(unknown)

    def _has_postcode(self, reading: Reading, row: NameRow) -> bool | None:
        """Return whether a row has the postcode that was typed; None where that is not known."""
        known = self._rows_of_postcode(reading)
        context = row.context.split("\n")
        if any(key in context for key in (canonical(reading.postcode), *postcode_keys(reading.postcode))):
            return True
        if not known:
            may_be = self._extent().may_hold_postcode(reading.postcode)
            return None if may_be else False
        if row in known or any(canonical(one.name) in context for one in known):
            return True
        away_m = min(plane_distance_m(one.lon, one.lat, row.lon, row.lat) for one in known)
        if away_m <= _POSTCODE_M:
            return True
        if is_settled(row) and row.name in {one.settlement for one in known}:
            return True
        is_elsewise_sure = is_settled(row) or len(parts_of(reading.words)) > 1
        return None if away_m <= _FAR_M and is_elsewise_sure else False

    def _rows_of_postcode(self, reading: Reading) -> list[NameRow]:
        code = reading.postcode
        if code and code not in self._known_postcodes:
            found: list[NameRow] = []
            for key in postcode_keys(code):
                if not found:
                    found = [row for row in self._file.named(key) if row.kind == "postcode"]
            self._known_postcodes[code] = found
        return self._known_postcodes.get(code, [])

    # What is left when something is given up.

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
                    number = _raw(house.words)
                    for one in self._fitting([bare], mended=mended, strict=True):
                        if _may_have_houses(one.row, house):
                            found.append(replace(one, unmatched=(*number, *one.unmatched)))
            if found:
                return found
        return []

    def _towns(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield towns that a text gives: the rest of it is not on the map."""
        for reading in reversed(readings):
            found = []
            for start, end in _town_spans(reading.words):
                for row, slips in self._settled(reading.words[start:end]):
                    candidate = self._town(reading, start, end, row, slips)
                    if candidate is not None:
                        found.append(candidate)
                if found:
                    yield from found
                    return

    def _settled(self, words: Words) -> Iterator[tuple[NameRow, Words]]:
        """Yield the settlements of a name; with a slip mended where there is none."""
        rows = [row for row in self._file.named(_key(words)) if _is_town(row)]
        yield from ((row, ()) for row in rows)
        if rows:
            return
        for at, word in enumerate(words):
            if len(word.folded) >= _SHORTEST_MENDED:
                for other in self._slips(word.folded, unfinished=False):
                    other_words = [one.canonical for one in words]
                    other_words[at] = canonical_word(other)
                    for row in self._file.named(" ".join(other_words)):
                        if _is_town(row):
                            yield row, (word,)

    def _town(
        self, reading: Reading, start: int, end: int, row: NameRow, slips: Words
    ) -> Candidate | None:
        """Return a town of a text; None where the text may well mean another."""
        unknown = self._unknown(reading, row)
        if unknown is None:
            return None
        around = set(row.context.split())
        before, behind = reading.words[:start], reading.words[end:]
        left = [word for word in behind if word.canonical not in around]
        if left and not self._is_sure_town(reading, row, start, left):
            return None
        rest = [word for word in (*before, *left) if word.canonical not in around]
        score = row.importance - 0.1 * len(unknown) - 0.6 * len(slips)
        return Candidate(row, score, unmatched=_raw((*rest, *slips, *unknown)))

    def _is_sure_town(
        self, reading: Reading, row: NameRow, start: int, left: Sequence[Word]
    ) -> bool:
        """Whether a town is meant though words behind it are not known: "Preston, Lancashire"."""
        if reading.postcode and self._rows_of_postcode(reading):
            return self._has_postcode(reading, row) is True
        if self._unfinished and left == [reading.words[-1]]:
            return True
        begins = start == 0 and not any(word.is_town for word in left)
        return begins and len(left) > 1 and any(is_street_word(one.canonical) for one in left)

    def _postcodes(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield the postcode of a text, where the rest of it is not on the map."""
        for reading in readings:
            for row in self._rows_of_postcode(reading):
                unknown = self._unknown(reading, row)
                if unknown is not None and self._is_sure_postcode(reading, row):
                    yield Candidate(row, row.importance, unmatched=_raw((*reading.words, *unknown)))

    def _is_sure_postcode(self, reading: Reading, row: NameRow) -> bool:
        """Whether nothing but a postcode is needed: digits alone may be of another country."""
        if not reading.postcode.isdigit():
            return True
        if any(agrees(one.territories, row.territory) for one in reading.qualifiers):
            return True
        towns = any(word.is_town for word in reading.words)
        last = parts_of(reading.words)[-1] if reading.words else ()
        is_street = any(
            is_street_word(word.canonical) or word.folded.isdigit() for word in last
        )
        return not towns and (not last or is_street)

    def _cities(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield the town of a ZIP code that is not on the map, where nothing else is typed."""
        for reading in readings:
            code = zip_of(reading.postcode) if reading.postcode and not reading.words else ""
            if not code or "US" not in self._extent().countries:
                continue
            known = zip_codes()[code]
            for city in known.cities:
                for row in self._file.named(canonical(city)):
                    same = agrees(frozenset({known.state}), row.territory)
                    unknown = self._unknown(reading, row)
                    if _is_town(row) and same and unknown is not None:
                        yield Candidate(row, row.importance, unmatched=_raw(unknown))


def _others(words: Words, named: Words, found: Account) -> Words:
    """Return the words that a name has not accounted for, those that name a town among them."""
    return (*found.rest, *(word for word in words if word not in named))


def _is_town(row: NameRow) -> bool:
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


def _is_near(rows: Sequence[NameRow], others: Sequence[NameRow]) -> bool:
    return any(
        plane_distance_m(one.lon, one.lat, other.lon, other.lat) <= _POST_TOWN_M
        for one in rows
        for other in others
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


def _raw(words: Iterable[Word]) -> tuple[str, ...]:
    """Return words as they were typed, in their order."""
    ordered = sorted(words, key=lambda word: (word.part, word.token))
    return tuple(dict.fromkeys(word.raw for word in ordered))


def _town_spans(words: Words) -> Iterator[tuple[int, int]]:
    """Yield where the name of a town may stand: a whole part, or the end or beginning of one.

    Behind a street no comma is needed ("12 Main Street Birchvale"), but what stands there must be
    the whole of the name: in "12 Main Street Upper Birchvale" it is not Birchvale.
    """
    start = len(words)
    for part in reversed(parts_of(words)):
        end, start = start, start - len(part)
        yield start, end
        for at in range(start + 1, end):
            if _is_behind_street(words[start:at]):
                yield at, end
        for at in range(end - 2, start, -1):
            if any(is_street_word(word.canonical) for word in words[at:end]):
                yield start, at


def _is_behind_street(before: Words) -> bool:
    last = before[-1]
    named = [word for word in before if not word.folded.isdigit()]
    return (
        is_street_word(last.canonical)
        or last.folded.isdigit()
        or (len(named) > 1 and is_street_word(named[0].canonical))
    )


def _around(point: Point) -> str:
    """Return a query for the nine cells around a position."""
    column, row = cell(point.lon, point.lat)
    cells = [(column + dx, row + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return "{cell} : (" + " OR ".join(f'"{cell_word(*one)}"' for one in cells) + ")"
