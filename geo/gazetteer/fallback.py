"""Address search in steps: all that was typed, else the town or postcode that is certain.

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
    context_names,
    is_doubtful_zip,
    is_known_town,
    is_town,
    raw_words,
)
from geo.gazetteer.query import ParsedAddress, Qualifier, Word, Words, parts_of, without_prefixes
from geo.gazetteer.ranking import Candidate
from geo.gazetteer.territories import find_zip, matches_territory, outward_code, zip_codes
from geo.geometry import plane_distance_m

_POST_TOWN_M = 25_000.0  # how far from its post town a settlement may be


class AddressFinder:
    """Finds what an address may mean: what every word fits, else what is sure of it."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup

    def find(self, parses: Sequence[ParsedAddress], limit: int) -> list[Candidate]:
        """Return what fits the parses, in no order; with typos corrected where little does."""
        found = self._lookup.candidates(parses, limit)
        local = self._without_post_towns(parses) if not found else []
        if local:
            found = self._lookup.candidates(local, 1) or list(self._towns(local))
        found = found or self._without_prefixes(parses)
        for fallback in (self._towns, self._postcodes, self._cities):
            if not found:
                found = list(fallback(parses))
        return found

    def _without_prefixes(self, parses: Sequence[ParsedAddress]) -> list[Candidate]:
        """Return what fits without articles before a name: "El Pas de la Casa"."""
        bare = without_prefixes(parses, is_known_town)
        return self._lookup.candidates(bare, 1) if bare else []

    def _without_post_towns(self, parses: Sequence[ParsedAddress]) -> list[ParsedAddress]:
        """Return parses without larger towns behind the one that is meant.

        In "Main Street, Cottesmore, Oakham" the street is in Cottesmore, and the post goes by
        Oakham, which must be near.
        """
        found = []
        for parsed in parses:
            parts = parts_of(parsed.words)
            towns = [
                [row for row, typos in self._lookup.towns_named(part) if not typos]
                for part in parts
            ]
            named = [number for number, rows in enumerate(towns) if rows]
            if len(named) > 1:
                first, *others = named
                if all(_is_near(towns[first], towns[other]) for other in others):
                    kept = [part for number, part in enumerate(parts) if number not in others]
                    words = tuple(word for part in kept for word in part)
                    found.append(replace(parsed, words=words))
        return found

    def _towns(self, parses: Sequence[ParsedAddress]) -> Iterator[Candidate]:
        """Yield towns that a text gives: the rest of it is not on the map."""
        territories = parses[-1].qualifiers
        for parsed in reversed(parses):
            found = []
            for start, end in _town_spans(parsed.words):
                words = parsed.words[start:end]
                for row, typos in self._lookup.towns_named(words, territories):
                    if _is_own_territory(row, words, territories):
                        continue
                    candidate = self._town(parsed, start, end, row, typos)
                    if candidate is not None:
                        found.append(candidate)
                if found:
                    yield from found
                    return

    def _town(
        self, parsed: ParsedAddress, start: int, end: int, row: NameRow, typos: Words
    ) -> Candidate | None:
        """Return a town of a text; None where the text may well mean another."""
        unverified = self._lookup.unverified(parsed, row)
        if unverified is None:
            return None
        known = (row, *self._lookup.postcode_rows(parsed))
        context = {word for one in known for name in context_names(one) for word in name.split()}
        preceding, following = parsed.words[:start], parsed.words[end:]
        unmatched = [word for word in following if word.canonical not in context]
        if unmatched and not self._is_certain_town(parsed, row, start, unmatched):
            return None
        rest = [word for word in (*preceding, *unmatched) if word.canonical not in context]
        score = row.importance - 0.1 * len(unverified) - 0.6 * len(typos)
        return Candidate(row, score, unmatched=raw_words((*rest, *typos, *unverified)))

    def _is_certain_town(
        self, parsed: ParsedAddress, row: NameRow, start: int, unmatched: Sequence[Word]
    ) -> bool:
        """Whether a town is meant though words behind it are not known: "Preston, Lancashire"."""
        if parsed.postcode and self._lookup.postcode_rows(parsed):
            return self._lookup.matches_postcode(parsed, row) is True
        if unmatched[0].part != parsed.words[start].part and self._lookup.matches_outward_code(
            parsed, row
        ):
            return True  # "Ketton, Stamford PE9 3SZ", and Stamford is on the next map
        if self._lookup.unfinished and unmatched == [parsed.words[-1]]:
            return True
        is_first_part = start == 0 and not any(word.is_town for word in unmatched)
        return (
            is_first_part
            and len(unmatched) > 1
            and any(is_street_word(one.canonical) for one in unmatched)
        )

    def _postcodes(self, parses: Sequence[ParsedAddress]) -> Iterator[Candidate]:
        """Yield the postcode of a text, where the rest of it is not on the map."""
        for parsed in parses:
            for row in self._lookup.postcode_rows(parsed):
                unverified = self._lookup.unverified(parsed, row)
                if is_doubtful_zip(row):
                    continue
                if unverified is not None and self._is_certain_postcode(parsed, row):
                    yield Candidate(
                        row, row.importance, unmatched=raw_words((*parsed.words, *unverified))
                    )

    def _is_certain_postcode(self, parsed: ParsedAddress, row: NameRow) -> bool:
        """Whether nothing but a postcode is needed: digits alone may be of another country."""
        if outward_code(parsed.postcode) == parsed.postcode:
            return not parsed.words
        if not parsed.postcode.isdigit():
            return True
        if any(matches_territory(one.territories, row.territory) for one in parsed.qualifiers):
            return True
        towns = any(word.is_town for word in parsed.words)
        last = parts_of(parsed.words)[-1] if parsed.words else ()
        is_street = any(is_street_word(word.canonical) or word.folded.isdigit() for word in last)
        return not towns and (not last or is_street)

    def _cities(self, parses: Sequence[ParsedAddress]) -> Iterator[Candidate]:
        """Yield the town of a ZIP code that is not on the map, where nothing else is typed."""
        for parsed in parses:
            code = find_zip(parsed.postcode) if parsed.postcode and not parsed.words else ""
            if not code or "US" not in self._lookup.countries:
                continue
            known = zip_codes()[code]
            for city in known.cities:
                for row in self._lookup.rows_named(canonical(city)):
                    in_state = matches_territory(frozenset({known.state}), row.territory)
                    unverified = self._lookup.unverified(parsed, row)
                    if is_town(row) and in_state and unverified is not None:
                        yield Candidate(row, row.importance, unmatched=raw_words(unverified))


def _is_own_territory(row: NameRow, words: Words, territories: Sequence[Qualifier]) -> bool:
    """Whether words behind an address are the country of a town that is called so for short.

    "Escaldes, Andorra" is not Andorra la Vella; but in "12 Elm Street, New York" the city is meant.
    """
    has_that_name = " ".join(word.canonical for word in words) in row.keys.split("\n")
    return not has_that_name and any(
        one.words == words and matches_territory(one.territories, row.territory) is True
        for one in territories
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
            if _follows_street(words[start:at]):
                yield at, end
        for at in range(end - 2, start, -1):
            if any(is_street_word(word.canonical) for word in words[at:end]):
                yield start, at


def _follows_street(preceding: Words) -> bool:
    last = preceding[-1]
    named = [word for word in preceding if not word.folded.isdigit()]
    return (
        is_street_word(last.canonical)
        or last.folded.isdigit()
        or (len(named) > 1 and is_street_word(named[0].canonical))
    )
