"""The gazetteer of a region: names and addresses to points, and back.

It answers while a person types: by words in any order, the last one unfinished, by old, short and
foreign names, with accents or without, and with one typo in a word. One gazetteer serves all
threads.

A position belongs to the settlement whose distance, divided by its influence (``data/kinds.toml``),
is least: a multiplicatively weighted Voronoi diagram (Aurenhammer and Edelsbrunner 1984, Pattern
Recognition 17: 251-257).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.coordinates import PlusCode, parse_coordinates
from geo.errors import BadCoordinates
from geo.gazetteer.address import PostalAddress, canonical, is_street_word
from geo.gazetteer.extent import Extent, Settlements
from geo.gazetteer.index import NameIndex, NameRow, OverlayIndex, name_key, write_entries
from geo.gazetteer.lookup import (
    Lookup,
    context_names,
    is_doubtful_zip,
    is_known_town,
    is_town,
    raw_words,
)
from geo.gazetteer.model import Entry, Geocoding, Match, fold, name_kinds, printable
from geo.gazetteer.query import (
    ParsedAddress,
    Qualifier,
    Word,
    Words,
    parse_address,
    parse_text,
    parts_of,
    without_prefixes,
)
from geo.gazetteer.ranking import Candidate, Vocabulary
from geo.gazetteer.territories import find_zip, matches_territory, outward_code, zip_codes
from geo.geometry import METRES_PER_DEGREE, distance_m, plane_distance_m
from geo.model import BBox, Point

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


Floats = npt.NDArray[np.float64]
_MAX_TEXT_LENGTH = 300  # characters of a search that are read
_POSITION_SIGNS = re.compile(r"[\d,./+]")  # pairs, links and plus codes have one at least


class Gazetteer:
    """A searchable index of names and addresses."""

    def __init__(self, file: NameIndex | OverlayIndex) -> None:
        self._file = file

    @staticmethod
    def write(path: Path, entries: Iterable[Entry]) -> None:
        """Write a gazetteer into a new file; the same entries give the same bytes.

        Raises
        ------
        OSError
            The disk is full or may not be written.
        """
        write_entries(path, entries)

    @classmethod
    def open(cls, path: Path, *, overlay: Path | None = None) -> Gazetteer:
        """Open a gazetteer; ``overlay`` is a file of newer names that is laid over it.

        Raises
        ------
        UnreadableRegion
            The file is missing, damaged or of another version.
        """
        return cls(NameIndex(path) if overlay is None else OverlayIndex(path, overlay))

    def close(self) -> None:
        """Close the file; a search after this opens it again."""
        self._file.close()

    def search(self, text: str, limit: int = 8, near: Point | None = None) -> list[Match]:
        """Return what a text may mean, best first; no text is an error.

        Parameters
        ----------
        text
            A name, an address, a postcode or ``lat,lon``; it may be unfinished.
        near
            Where the person is, if known: of two places of one name the nearer goes first.
        """
        given = self._parse_position(text, near)
        if given is not None:
            return given
        text = printable(text[:_MAX_TEXT_LENGTH])
        found = self._finder(near, unfinished=True).find(parse_text(text), limit)
        return _best(found, limit) or self._symbol_names(text, limit)

    def parse_position(self, text: str, near: Point | None = None) -> Point | None:
        """Return the position that a text holds, as `parse_coordinates`; short plus codes as well.

        Raises
        ------
        BadCoordinates
            It is no position on Earth, a link that holds none, or a code that fits several spots.
        """
        if not _POSITION_SIGNS.search(text):
            return None
        code = PlusCode.parse(text)
        if code is None or code.is_full:
            return parse_coordinates(text)
        return code.resolve(locate=self._locate, box=self._bbox, near=near)

    def geocode(self, address: str | PostalAddress, *, near: Point | None = None) -> Geocoding:
        """Return where an address is; unlike `search`, for texts that nobody is still typing.

        A town, state, country or postcode that the region contradicts leaves no match.
        """
        if isinstance(address, PostalAddress):
            text, parses = "", parse_address(address)
        else:
            given = self._parse_position(address, near)
            if given is not None:
                return Geocoding(given[0] if given else None)
            text = printable(address[:_MAX_TEXT_LENGTH])
            parses = parse_text(text)
        found = _best(self._finder(near, unfinished=False).find(parses, 1), 1)
        found = found or self._symbol_names(text, 1)
        if found:
            return Geocoding(found[0])
        return Geocoding(None, self._extent.elsewhere(parses))

    def elsewhere(self, text: str) -> str:
        """Return where an address is, as "Ohio", if it is known to be outside; else empty."""
        return self._extent.elsewhere(parse_text(printable(text[:_MAX_TEXT_LENGTH])))

    def nearest_settlement(self, point: Point) -> Match | None:
        """Return the settlement that a position belongs to; None where the region has none."""
        index, rows = self._settlements
        row = index.nearest_to(point)
        return None if row is None else Candidate(rows[row]).match()

    def nearest_address(self, point: Point, *, within_m: float = 100.0) -> Match | None:
        """Return the nearest address; None where none is within ``within_m`` metres."""
        dlat = within_m / METRES_PER_DEGREE
        dlon = dlat / max(0.01, math.cos(math.radians(point.lat)))
        houses = self._file.houses_within(
            point.lat - dlat, point.lat + dlat, point.lon - dlon, point.lon + dlon
        )
        found = [Candidate(row, house=house) for row, house in houses]
        distances = [(distance_m(point, one.point), one.order, one) for one in found]
        best = min(distances, default=None, key=lambda one: one[:2])
        return best[2].match() if best is not None and best[0] <= within_m else None

    def reverse_label(self, point: Point) -> str | None:
        """Return roughly where a position is, as "near Oakham"; None where nothing is known."""
        settlement = self.nearest_settlement(point)
        return f"near {settlement.name}" if settlement else None

    def _parse_position(self, text: str, near: Point | None) -> list[Match] | None:
        """Return the position that a text is, [] for one that cannot be; None for no position."""
        try:
            point = self.parse_position(text, near)
        except BadCoordinates:
            return []
        if point is None:
            return None
        label = f"{point.lat:.5f}, {point.lon:.5f}"
        return [Match(label, "coordinates", point, label)]

    def _locate(self, name: str) -> Point | None:
        return next((match.point for match in self.search(name, limit=1)), None)

    @cached_property
    def _bbox(self) -> BBox | None:
        """What the settlements of the region cover."""
        _, rows = self._settlements
        return BBox.around(Candidate(row).point for row in rows)

    def _finder(self, near: Point | None, *, unfinished: bool) -> AddressFinder:
        return AddressFinder(
            Lookup(
                self._file,
                lambda: self._vocabulary,
                lambda: self._extent,
                near=near,
                unfinished=unfinished,
            )
        )

    def _symbol_names(self, text: str, limit: int) -> list[Match]:
        """Return what is called by signs alone, which are no words."""
        key = name_key(text)
        rows = self._file.named(key) if key and not fold(text) else []
        return _best([Candidate(row) for row in rows], limit)

    @cached_property
    def _extent(self) -> Extent:
        return self._file.extent()

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._file.words())

    @cached_property
    def _settlements(self) -> tuple[Settlements, list[NameRow]]:
        reach = {key: kind.influence for key, kind in name_kinds().items() if kind.influence}
        rows = self._file.of_kinds(list(reach))
        table = np.array([(row.lon, row.lat, reach[row.kind]) for row in rows], np.float64)
        lon, lat, influence = table.reshape(-1, 3).T
        return Settlements(lon, lat, influence), rows


def _best(candidates: list[Candidate], limit: int) -> list[Match]:
    best: dict[tuple[str, str], Match] = {}
    for candidate in sorted(candidates, key=lambda one: one.order):
        if len(best) >= limit:
            break
        match = candidate.match()
        best.setdefault((match.label, match.kind), match)
    return list(best.values())
