"""What is left of an address when something is given up: the street, or what a postcode replaces.

In "12 Nowhere Road, Cottesmore" the village is known; of "Preston, Lancashire", read where there is
a Preston, nothing is: what was typed behind a town must agree with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from geo.gazetteer.address import canonical, is_street_word
from geo.gazetteer.index import NameRow
from geo.gazetteer.lookup import (
    Lookup,
    is_doubtful_zip,
    is_known_town,
    is_town,
    names_around,
    raw_words,
)
from geo.gazetteer.postcodes import zip_codes, zip_of
from geo.gazetteer.query import Qualifier, Reading, Word, Words, parts_of, without_prefixes
from geo.gazetteer.ranking import Candidate
from geo.gazetteer.territories import agrees, outward_code
from geo.geometry import plane_distance_m

_POST_TOWN_M = 25_000.0
"""How far from its post town a settlement may be."""


class Finder:
    """Finds what an address may mean: what every word fits, else what is sure of it.

    Parameters
    ----------
    lookup
        The names.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def find(self, readings: Sequence[Reading], wanted: int) -> list[Candidate]:
        """Return what fits the readings, in no order; with slips mended where little does."""
        found = self._lookup.found(readings, wanted)
        finer = self._without_post_towns(readings) if not found else []
        if finer:
            found = self._lookup.found(finer, 1) or list(self._towns(finer))
        found = found or self._without_prefixes(readings)
        for fallback in (self._towns, self._postcodes, self._cities):
            if not found:
                found = list(fallback(readings))
        return found

    def _without_prefixes(self, readings: Sequence[Reading]) -> list[Candidate]:
        """Return what fits without articles before a name: "El Pas de la Casa"."""
        bare = without_prefixes(readings, is_known_town)
        return self._lookup.found(bare, 1) if bare else []

    def _without_post_towns(self, readings: Sequence[Reading]) -> list[Reading]:
        """Return readings without larger towns behind the one that is meant.

        In "Main Street, Cottesmore, Oakham" the street is in Cottesmore, and the post goes by
        Oakham, which must be near.
        """
        found = []
        for reading in readings:
            parts = parts_of(reading.words)
            towns = [
                [row for row, slips in self._lookup.settled(part) if not slips] for part in parts
            ]
            named = [number for number, rows in enumerate(towns) if rows]
            if len(named) > 1:
                first, *others = named
                if all(_is_near(towns[first], towns[other]) for other in others):
                    kept = [part for number, part in enumerate(parts) if number not in others]
                    words = tuple(word for part in kept for word in part)
                    found.append(replace(reading, words=words))
        return found

    def _towns(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield towns that a text gives: the rest of it is not on the map."""
        territories = readings[-1].qualifiers
        for reading in reversed(readings):
            found = []
            for start, end in _town_spans(reading.words):
                words = reading.words[start:end]
                for row, slips in self._lookup.settled(words, territories):
                    if _is_its_territory(row, words, territories):
                        continue
                    candidate = self._town(reading, start, end, row, slips)
                    if candidate is not None:
                        found.append(candidate)
                if found:
                    yield from found
                    return

    def _town(
        self, reading: Reading, start: int, end: int, row: NameRow, slips: Words
    ) -> Candidate | None:
        """Return a town of a text; None where the text may well mean another."""
        unknown = self._lookup.unknown(reading, row)
        if unknown is None:
            return None
        known = (row, *self._lookup.rows_of_postcode(reading))
        around = {word for one in known for name in names_around(one) for word in name.split()}
        before, behind = reading.words[:start], reading.words[end:]
        left = [word for word in behind if word.canonical not in around]
        if left and not self._is_sure_town(reading, row, start, left):
            return None
        rest = [word for word in (*before, *left) if word.canonical not in around]
        score = row.importance - 0.1 * len(unknown) - 0.6 * len(slips)
        return Candidate(row, score, unmatched=raw_words((*rest, *slips, *unknown)))

    def _is_sure_town(
        self, reading: Reading, row: NameRow, start: int, left: Sequence[Word]
    ) -> bool:
        """Whether a town is meant though words behind it are not known: "Preston, Lancashire"."""
        if reading.postcode and self._lookup.rows_of_postcode(reading):
            return self._lookup.has_postcode(reading, row) is True
        if left[0].part != reading.words[start].part and self._lookup.has_outward_code(
            reading, row
        ):
            return True  # "Ketton, Stamford PE9 3SZ", and Stamford is on the next map
        if self._lookup.unfinished and left == [reading.words[-1]]:
            return True
        begins = start == 0 and not any(word.is_town for word in left)
        return begins and len(left) > 1 and any(is_street_word(one.canonical) for one in left)

    def _postcodes(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield the postcode of a text, where the rest of it is not on the map."""
        for reading in readings:
            for row in self._lookup.rows_of_postcode(reading):
                unknown = self._lookup.unknown(reading, row)
                if is_doubtful_zip(row):
                    continue
                if unknown is not None and self._is_sure_postcode(reading, row):
                    yield Candidate(
                        row, row.importance, unmatched=raw_words((*reading.words, *unknown))
                    )

    def _is_sure_postcode(self, reading: Reading, row: NameRow) -> bool:
        """Whether nothing but a postcode is needed: digits alone may be of another country."""
        if outward_code(reading.postcode) == reading.postcode:
            return not reading.words
        if not reading.postcode.isdigit():
            return True
        if any(agrees(one.territories, row.territory) for one in reading.qualifiers):
            return True
        towns = any(word.is_town for word in reading.words)
        last = parts_of(reading.words)[-1] if reading.words else ()
        is_street = any(is_street_word(word.canonical) or word.folded.isdigit() for word in last)
        return not towns and (not last or is_street)

    def _cities(self, readings: Sequence[Reading]) -> Iterator[Candidate]:
        """Yield the town of a ZIP code that is not on the map, where nothing else is typed."""
        for reading in readings:
            code = zip_of(reading.postcode) if reading.postcode and not reading.words else ""
            if not code or "US" not in self._lookup.countries:
                continue
            known = zip_codes()[code]
            for city in known.cities:
                for row in self._lookup.named(canonical(city)):
                    same = agrees(frozenset({known.state}), row.territory)
                    unknown = self._lookup.unknown(reading, row)
                    if is_town(row) and same and unknown is not None:
                        yield Candidate(row, row.importance, unmatched=raw_words(unknown))


def _is_its_territory(row: NameRow, words: Words, territories: Sequence[Qualifier]) -> bool:
    """Whether words behind an address are the country of a town that is called so for short.

    "Escaldes, Andorra" is not Andorra la Vella; but in "12 Elm Street, New York" the city is meant.
    """
    is_called_so = " ".join(word.canonical for word in words) in row.keys.split("\n")
    return not is_called_so and any(
        one.words == words and agrees(one.territories, row.territory) is True for one in territories
    )


def _is_near(rows: Sequence[NameRow], others: Sequence[NameRow]) -> bool:
    return any(
        plane_distance_m(one.lon, one.lat, other.lon, other.lat) <= _POST_TOWN_M
        for one in rows
        for other in others
    )


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
