"""Places to work, meet, eat and shop, with tags as complete and as patchy as on real maps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo.region.sample.buildings import Building, address_tags
from geo.region.sample.draft import Draft
from geo.region.sample.names import Names
from geo.region.sample.settlements import Site

_WEEK = ("Mo-Fr 08:00-17:00", "Mo-Fr 08:30-17:30; Sa 09:00-13:00", "Mo-Fr 09:00-18:00; PH off")
_CAFE = (
    "Mo-Fr 06:30-15:00; Sa,Su 07:30-14:00", "Tu-Su 07:00-16:00", "Mo-Sa 06:00-18:00",
    "We-Su 08:00-15:00; Jan off", "Mo-Su 07:00-17:00; PH 08:00-13:00",
)  # fmt: skip
_LIBRARY = (
    "Tu,Th 12:00-19:00; We,Fr 10:00-17:00; Sa 10:00-14:00; PH off", "Mo-Th 10:00-18:00; Fr 10:00-16:00",
    "We 14:00-19:00; Sa 09:00-12:00",
)  # fmt: skip
_EVENING = (
    "Mo-Th 16:00-23:00; Fr-Su 12:00-24:00", "We-Su 15:00-22:00", "Mo-Sa 11:00-21:00; Su off",
    "Th-Sa 17:00-02:00",
)  # fmt: skip
_SHOP = ("Mo-Sa 08:00-20:00; Su 09:00-18:00", "Mo-Fr 09:00-17:30; Sa 09:00-15:00", "24/7")


MAIN_STREET = "Main Street"


@dataclass(frozen=True, slots=True)
class _Sort:
    """A sort of place.

    Attributes
    ----------
    name
        With ``{first}`` for an invented word and ``{town}`` for the settlement.
    town, villages, hamlets
        How many there are in the town, in all villages, in all hamlets.
    hours
        To choose from; empty for none.
    maybe
        Further tags and the share of places that carry them.
    """

    tags: Mapping[str, str]
    name: str
    town: int
    villages: int = 0
    hamlets: int = 0
    hours: tuple[str, ...] = ()
    maybe: Mapping[str, float] = field(default_factory=dict)


_WIFI = {"internet_access=wlan": 0.6, "internet_access:fee=no": 0.35, "wheelchair=yes": 0.3}
_EAT = {"internet_access=wlan": 0.25, "outdoor_seating=yes": 0.3, "wheelchair=limited": 0.2}
_SEATS = {"indoor_seating=yes": 0.4, "outdoor_seating=yes": 0.4, "takeaway=yes": 0.4}

SORTS: tuple[_Sort, ...] = (
    _Sort({"amenity": "coworking_space", "internet_access": "wlan", "internet_access:fee": "customers", "capacity": "34", "fee": "yes", "wheelchair": "yes"}, "{first} Works", 1, 0, 0, ("Mo-Fr 07:30-19:00; Sa 09:00-14:00",)),
    _Sort({"office": "coworking", "internet_access": "wlan"}, "The {first} Loft", 0, 1),
    _Sort({"amenity": "cafe", "cuisine": "coffee_shop"}, "{first} Coffee", 4, 2, 0, _CAFE, _WIFI | _SEATS),
    _Sort({"amenity": "cafe"}, "The {first} Kettle", 2, 3, 1, _CAFE, _WIFI | _SEATS),
    _Sort({"amenity": "cafe"}, "", 1, 1, 0),
    _Sort({"shop": "coffee"}, "{first} Roasters", 1, 0, 0, ("Mo-Sa 07:00-14:00",), _WIFI),
    _Sort({"shop": "bakery"}, "{first} Bakery", 1, 2, 0, ("Tu-Sa 06:30-14:00",), _SEATS),
    _Sort({"amenity": "library"}, "{town} Public Library", 1, 4, 0, _LIBRARY, _WIFI),
    _Sort({"amenity": "community_centre"}, "{town} Community Center", 1, 2, 0, _WEEK, {"internet_access=yes": 0.4, "capacity=80": 0.4}),
    _Sort({"amenity": "community_centre", "community_centre": "village_hall"}, "{town} Grange Hall", 0, 4, 3, (), {"capacity=60": 0.5, "wheelchair=yes": 0.4}),
    _Sort({"amenity": "social_centre"}, "{first} Lodge", 1),
    _Sort({"amenity": "townhall"}, "{town} Town Hall", 1, 5, 0, _WEEK, {"wheelchair=yes": 0.5}),
    _Sort({"amenity": "conference_centre", "capacity": "140"}, "{first} Conference Center", 1, 0, 0, _WEEK, _WIFI),
    _Sort({"amenity": "pub"}, "The {first} Arms", 3, 5, 2, _EVENING, _EAT | {"microbrewery=yes": 0.2}),
    _Sort({"amenity": "restaurant", "cuisine": "regional"}, "{first} Table", 4, 3, 0, _EVENING, _EAT),
    _Sort({"amenity": "restaurant", "cuisine": "pizza"}, "{first} Pizza", 2, 2, 0, _EVENING, _EAT),
    _Sort({"amenity": "restaurant", "cuisine": "american"}, "{town} Diner", 1, 2, 0, ("Mo-Su 06:00-14:00",), _EAT),
    _Sort({"amenity": "fast_food", "cuisine": "burger"}, "{first} Burger", 3, 1, 0, ("Mo-Su 10:30-21:00",), {"drive_through=yes": 0.5}),
    _Sort({"amenity": "ice_cream"}, "{first} Creemee", 1, 1, 0, ("May-Sep: 12:00-21:00",)),
    _Sort({"tourism": "hotel"}, "Hotel {first}", 2, 1, 0, ("24/7",), {"internet_access=wlan": 0.8, "rooms=42": 0.4, "stars=3": 0.3}),
    _Sort({"tourism": "motel"}, "{first} Motor Lodge", 1, 1, 0, (), {"internet_access=wlan": 0.5}),
    _Sort({"tourism": "guest_house"}, "{first} House", 1, 3, 2, (), {"internet_access=wlan": 0.5}),
    _Sort({"amenity": "place_of_worship", "religion": "christian"}, "{town} Meeting House", 3, 7, 4),
    _Sort({"amenity": "post_office"}, "{town} Post Office", 1, 7, 0, _WEEK),
    _Sort({"amenity": "bank", "atm": "yes"}, "{first} Savings", 2, 2, 0, _WEEK),
    _Sort({"amenity": "fuel"}, "{first} Fuel", 3, 4, 2, ("Mo-Su 06:00-22:00",), {"internet_access=wlan": 0.1}),
    _Sort({"shop": "supermarket"}, "{first} Market", 2, 1, 0, _SHOP),
    _Sort({"shop": "convenience"}, "{town} General Store", 1, 6, 4, _SHOP, {"internet_access=wlan": 0.15}),
    _Sort({"amenity": "pharmacy"}, "{first} Pharmacy", 1, 1, 0, _SHOP),
    _Sort({"amenity": "clinic"}, "{town} Health Center", 1, 1, 0, _WEEK),
    _Sort({"amenity": "fire_station"}, "{town} Fire Station", 1, 5),
    _Sort({"amenity": "police"}, "{town} Police", 1),
    _Sort({"shop": "hardware"}, "{first} Hardware", 1, 2, 0, _SHOP),
    _Sort({"shop": "books"}, "{first} Books", 1, 1, 0, _SHOP, {"internet_access=wlan": 0.3}),
    _Sort({"disused:amenity": "cafe", "disused:name": "Old Depot Café"}, "", 1, 1),
)  # fmt: skip
"""Every sort of place, in the order in which places move into houses, from the middle outwards."""


def furnish(
    rng: np.random.Generator,
    draft: Draft,
    names: Names,
    sites: Sequence[Site],
    houses: Sequence[Building],
) -> None:
    """Let places move into houses: some as tags of the building, some as nodes within it."""
    vacant = {index: _from_the_middle(rng, index, sites, houses) for index in range(len(sites))}
    for sort in SORTS:
        for index in _where(rng, sort, sites):
            house = next(vacant[index], None)
            if house is not None:
                _move_in(rng, draft, names, sort, sites, house)


def _from_the_middle(
    rng: np.random.Generator, index: int, sites: Sequence[Site], houses: Sequence[Building]
) -> Iterator[Building]:
    here = np.array([sites[index].x_m, sites[index].y_m])
    mine = [house for house in houses if house.site == index and house.number]
    busy = [0.45 if house.street == MAIN_STREET else 1.0 for house in mine]
    far = [
        float((np.hypot(*(house.center - here)) + 60) * rng.lognormal(0, 0.75) * pull)
        for house, pull in zip(mine, busy, strict=True)
    ]
    return iter([mine[order] for order in np.argsort(far, kind="stable").tolist()])


def _where(rng: np.random.Generator, sort: _Sort, sites: Sequence[Site]) -> list[int]:
    chosen: list[int] = []
    for kind, count in (("town", sort.town), ("village", sort.villages), ("hamlet", sort.hamlets)):
        rows = [index for index, site in enumerate(sites) if site.kind == kind]
        if kind == "town":
            chosen += rows * count
        else:
            chosen += rng.permutation(rows)[:count].tolist()
    return chosen


def _move_in(
    rng: np.random.Generator,
    draft: Draft,
    names: Names,
    sort: _Sort,
    sites: Sequence[Site],
    house: Building,
) -> None:
    tags = dict(sort.tags)
    if sort.name:
        tags["name"] = sort.name.format(first=names.first(), town=sites[house.site].name)
    if sort.hours and rng.random() < 0.7:
        tags["opening_hours"] = str(rng.choice(np.array(sort.hours)))
    for pair, share in sort.maybe.items():
        if rng.random() < share:
            key, value = pair.split("=")
            tags[key] = value
    if sort.name and rng.random() < 0.35:
        tags["phone"] = f"+1-906-555-01{rng.integers(100):02d}"
    if sort.name and rng.random() < 0.35:
        host = "".join(letter for letter in tags["name"].lower() if letter.isalpha())
        tags["website"] = f"https://{host}.example"
    if house.street and rng.random() < 0.6:
        tags |= address_tags(house, sites)
    as_building = rng.random() < 0.45
    twice = sort.tags.get("amenity") == "library" and sites[house.site].kind == "town"
    if as_building or twice:
        house.tags |= tags
    if not as_building or twice:
        x_m, y_m = house.center + rng.uniform(-2, 2, 2)
        draft.node(float(x_m), float(y_m), tags)
