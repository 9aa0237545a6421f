"""Addresses: which street or settlement each house number belongs to, and where postcodes are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from sys import intern
from typing import NamedTuple

import numpy as np

from geo.gazetteer import Entry, House, Settlements, name_kinds
from geo.gazetteer.address import canonical
from geo.gazetteer.model import fold
from geo.gazetteer.territories import normalise_postcode
from geo.geometry import distances_m

_MAX_DISTANCE_M = 10_000.0
"""A street or place of an address's name further away than this is another of that name."""

_MAX_PAIRS = 1_000_000
"""Distances between addresses and streets that are worked out at a time; bounds memory."""

_SETTLED = ("city", "town", "village", "hamlet", "suburb", "neighbourhood", "locality", "farm")


class CollectedAddress(NamedTuple):
    """An address as the map has it; empty texts for what it does not say.

    The number counts along ``street`` or, where streets have no names, belongs to ``place``: a
    settlement or locality.
    """

    number: str
    street: str
    place: str
    city: str
    postcode: str
    lon: float
    lat: float

    @classmethod
    def from_tags(cls, tags: Mapping[str, str], lon: float, lat: float) -> CollectedAddress:
        """Read the address of a thing on the map."""
        postcode = tags.get("addr:postcode") or tags.get("postal_code", "")
        return cls(
            number=tags.get("addr:housenumber", ""),
            street=intern(tags.get("addr:street", "")),
            place=intern(tags.get("addr:place", "")),
            city=intern(tags.get("addr:city", "")),
            postcode=next(iter(postcodes_of(postcode)), ""),
            lon=lon,
            lat=lat,
        )


@lru_cache(maxsize=65_536)
def postcodes_of(text: str) -> tuple[str, ...]:
    """Return the postcodes of a tag, each in one spelling; ZIP codes without their last four.

    Examples
    --------
    >>> postcodes_of("le15 6al"), postcodes_of("17111-1234; 17112"), postcodes_of("17111:17112")
    (('LE15 6AL',), ('17111', '17112'), ('17111', '17112'))
    """
    codes = (normalise_postcode(one) for one in re.split("[;:,]", text) if one.strip())
    return tuple(dict.fromkeys(_PLUS_4.sub("", code) for code in codes))


_PLUS_4 = re.compile(r"(?<=^\d{5})-\d{4}$")


def add_addresses(
    entries: list[Entry],
    addresses: Sequence[CollectedAddress],
    settlements: Settlements,
    names: list[str],
) -> list[Entry]:
    """Return the entries with the house numbers that belong to them.

    A street or place that only addresses know becomes an entry of its own.
    """
    owners = _Owners(entries)
    home, _ = settlements.nearest([one.lon for one in addresses], [one.lat for one in addresses])
    members: dict[int, list[CollectedAddress]] = {}
    unmatched: dict[tuple[str, str, str | None], list[CollectedAddress]] = {}
    homes = [names[row] if row >= 0 else None for row in home.tolist()]
    for address, settlement, owner in zip(
        addresses, homes, owners.of(addresses, homes), strict=True
    ):
        if owner is not None:
            members.setdefault(owner, []).append(address)
        elif address.street or address.place:
            kind = "street" if address.street else "locality"
            key = kind, fold(address.street or address.place), settlement
            unmatched.setdefault(key, []).append(address)
    known = [
        _with_houses(entry, members[row]) if row in members else entry
        for row, entry in enumerate(entries)
    ]
    return known + [_unmatched_entry(*key, found) for key, found in unmatched.items()]


def postcode_entries(
    entries: Sequence[Entry],
    addresses: Sequence[CollectedAddress],
    roads: Sequence[CollectedAddress],
    settlements: Settlements,
    names: list[str],
) -> list[Entry]:
    """Return one entry for each postcode, in the middle of its addresses, or else of its roads."""
    by_code: dict[str, list[CollectedAddress]] = {}
    of_roads: dict[str, list[CollectedAddress]] = {}
    for some, found in ((addresses, by_code), (roads, of_roads)):
        for one in some:
            if one.postcode:
                found.setdefault(one.postcode, []).append(one)
    by_code = of_roads | by_code
    middles = [_middle(found) for found in by_code.values()]
    home, _ = settlements.nearest([one.lon for one in middles], [one.lat for one in middles])
    importance = name_kinds()["postcode"].importance
    taken = {fold(entry.name) for entry in entries if entry.kind == "postcode"}
    return [
        Entry(
            name=code,
            kind="postcode",
            lon=middle.lon,
            lat=middle.lat,
            settlement=_town(by_code[code], names[row] if row >= 0 else None),
            importance=importance,
            other_names=(joined,) if (joined := _joined(code)) != code else (),
            words=tuple(dict.fromkeys(one.city for one in by_code[code] if one.city)),
        )
        for code, middle, row in zip(by_code, middles, home.tolist(), strict=True)
        if fold(code) not in taken
    ]


def _joined(code: str) -> str:
    return "".join(char for char in code if char.isalnum())


class _Owners:
    """Finds the entry that an address belongs to."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._lon = np.array([one.lon for one in entries], np.float64)
        self._lat = np.array([one.lat for one in entries], np.float64)
        self._streets: dict[str, list[int]] = {}
        self._streets_at_home: dict[tuple[str, str | None], list[int]] = {}
        self._places: dict[str, list[int]] = {}
        for row, entry in enumerate(entries):
            if entry.kind == "street":
                table = self._streets
            elif entry.kind in _SETTLED:
                table = self._places
            else:
                continue
            for name in (entry.name, *entry.other_names):
                table.setdefault(canonical(name), []).append(row)
                if entry.kind == "street":
                    at_home = canonical(name), entry.settlement
                    self._streets_at_home.setdefault(at_home, []).append(row)

    def of(
        self, addresses: Sequence[CollectedAddress], settlements: Sequence[str | None]
    ) -> list[int | None]:
        """Return the row of each one's entry; None where none of its name is near by."""
        owners: list[int | None] = [None] * len(addresses)
        choices = list(map(self._choices, addresses, settlements))
        for rank in range(2):  # first the better choice of each, then the other of who has none
            # Addresses with the same choices are compared with them at once, by numpy.
            alike: dict[tuple[int, ...], list[int]] = {}
            for number, choice in enumerate(choices):
                if owners[number] is None and len(choice) > rank and choice[rank]:
                    alike.setdefault(tuple(choice[rank]), []).append(number)
            for rows, numbers in alike.items():
                for number, owner in zip(
                    numbers, self._nearest(rows, addresses, numbers), strict=True
                ):
                    owners[number] = owner
        return owners

    def _choices(self, address: CollectedAddress, settlement: str | None) -> list[list[int]]:
        """Return the entries that an address may belong to, the better ones first."""
        if address.street:
            name = canonical(address.street)
            at_home = self._streets_at_home.get((name, settlement))
            return [at_home or self._streets.get(name, [])]
        if address.place:
            return [self._places.get(canonical(address.place), [])]
        towns = (town for town in (address.city, settlement) if town)
        return [self._places.get(canonical(town), []) for town in towns]

    def _nearest(
        self, rows: Sequence[int], addresses: Sequence[CollectedAddress], numbers: Sequence[int]
    ) -> Iterator[int | None]:
        """Yield the nearest of some entries to each of some addresses; None where all are far."""
        lon, lat = self._lon[list(rows)], self._lat[list(rows)]
        step = max(1, _MAX_PAIRS // len(rows))
        for start in range(0, len(numbers), step):
            some = [addresses[number] for number in numbers[start : start + step]]
            away_m = distances_m(
                np.array([[one.lon] for one in some]),
                np.array([[one.lat] for one in some]),
                lon,
                lat,
            )
            best = np.argmin(away_m, axis=1)
            near = away_m[np.arange(len(some)), best] <= _MAX_DISTANCE_M
            for place, is_near in zip(best.tolist(), near.tolist(), strict=True):
                yield rows[place] if is_near else None


def _with_houses(entry: Entry, members: Sequence[CollectedAddress]) -> Entry:
    words = (text for one in members for text in (one.postcode, one.city) if text)
    houses = tuple(House(one.number, one.lon, one.lat) for one in members if one.number)
    return replace(entry, words=tuple(dict.fromkeys([*entry.words, *words])), houses=houses)


def _unmatched_entry(
    kind: str, _key: str, settlement: str | None, members: Sequence[CollectedAddress]
) -> Entry:
    middle = _middle(members)
    entry = Entry(
        name=middle.street or middle.place,
        kind=kind,
        lon=middle.lon,
        lat=middle.lat,
        settlement=settlement,
        importance=name_kinds()[kind].importance,
    )
    return _with_houses(entry, members)


def _middle(members: Sequence[CollectedAddress]) -> CollectedAddress:
    """Return the member nearest to the mean of all, so that it is a true position."""
    lon = np.array([one.lon for one in members])
    lat = np.array([one.lat for one in members])
    return members[int(np.argmin(distances_m(lon.mean(), lat.mean(), lon, lat)))]


def _town(members: Sequence[CollectedAddress], nearest: str | None) -> str | None:
    """Return the town that most addresses name, spelled as on the map; else the nearest one."""
    towns = Counter(one.city for one in members if one.city)
    if not towns:
        return nearest
    town = min(towns, key=lambda town: (-towns[town], town))
    return nearest if nearest is not None and fold(nearest) == fold(town) else town
