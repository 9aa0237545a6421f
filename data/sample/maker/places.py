"""Places to work, meet, eat and shop, with tags as complete and as patchy as on real maps."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from data.sample.maker.buildings import Building, address_tags
from data.sample.maker.draft import Draft
from data.sample.maker.names import Names
from data.sample.maker.settlements import Site
from geo.files import table_path

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
    town: int = 0
    villages: int = 0
    hamlets: int = 0
    hours: tuple[str, ...] = ()
    maybe: Mapping[str, float] = field(default_factory=dict)


def _read_sorts() -> list[_Sort]:
    """Read ``data/sample/places.toml``."""
    with (table_path("sample") / "places.toml").open("rb") as file:
        table = tomllib.load(file)
    hours = table["hours"] | {"": ()}
    return [_Sort(**row | {"hours": tuple(hours[row.get("hours", "")])}) for row in table["sort"]]


def furnish(
    rng: np.random.Generator,
    draft: Draft,
    names: Names,
    sites: Sequence[Site],
    houses: Sequence[Building],
) -> None:
    """Let places move into houses: some as tags of the building, some as nodes within it."""
    vacant = {index: _from_the_middle(rng, index, sites, houses) for index in range(len(sites))}
    for sort in _read_sorts():
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
