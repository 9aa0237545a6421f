"""What a gazetteer covers, and which settlement a position belongs to.

The extent separates an address elsewhere from one that the map lacks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo.gazetteer.query import ParsedAddress
from geo.gazetteer.territories import (
    ZipCode,
    countries_of_postcode,
    find_zip,
    matches_territory,
    postcode_area,
    postcode_keys,
    territories_named,
    territory_name,
    zip_codes,
)
from geo.geometry import LocalPlane, plane_distance_m
from geo.model import Point

Floats = npt.NDArray[np.float64]

_ENOUGH_POSTCODES = 3  # a map with fewer postcodes is no measure of which there are
_NEIGHBOURS = 12  # settlements looked at around a position; the strongest of them has it
_CHUNK = 65_536  # positions looked up at once, to keep memory bounded
_NEAR_M = 30_000.0  # how far from the names of a region the middle of a ZIP code of it may lie


@dataclass(frozen=True, slots=True)
class Extent:
    """The countries and states, the postcodes and the box of a gazetteer.

    Territories are as ``"US-VT"``, or ``"US"`` where no more is known; none where nothing is. The
    box is west, south, east and north in degrees.
    """

    territories: frozenset[str]
    postcodes: tuple[str, ...]
    bounds: tuple[float, float, float, float]
    _areas: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_areas", frozenset(map(postcode_area, self.postcodes)))

    @property
    def countries(self) -> frozenset[str]:
        """Its countries by their code."""
        return frozenset(code.partition("-")[0] for code in self.territories)

    def may_hold_postcode(self, code: str) -> bool:
        """Return whether a postcode that the map does not know may be one of the region."""
        zip_code = find_zip(code) if not self.countries or "US" in self.countries else ""
        if zip_code:
            return self._may_hold_zip(zip_codes()[zip_code])
        if self.countries and not self.countries & _countries_of(code):
            return False
        return len(self.postcodes) < _ENOUGH_POSTCODES or any(
            postcode_area(key.upper()) in self._areas for key in postcode_keys(code)
        )

    def _may_hold_zip(self, known: ZipCode) -> bool:
        if self._is_outside(frozenset({known.state})):
            return False
        west, south, east, north = self.bounds
        lon, lat = min(max(known.lon, west), east), min(max(known.lat, south), north)
        return plane_distance_m(known.lon, known.lat, lon, lat) <= _NEAR_M

    def elsewhere(self, parses: Iterable[ParsedAddress]) -> str:
        """Return where an address is, as "Ohio", if it is outside; empty where that is unknown."""
        for parsed in reversed(list(parses)):
            state = self._foreign_territory(parsed)
            zip_place = self._foreign_zip(parsed, state)
            if zip_place or state:
                return zip_place or territory_name(state)
        return ""

    def _foreign_territory(self, parsed: ParsedAddress) -> str:
        """Return the finest territory that a parse names and that is not the region's."""
        mentioned = [one.territories for one in parsed.qualifiers if one.is_certain]
        mentioned.append(territories_named(parsed.texts))
        foreign = [self._likeliest(one) for one in mentioned if one and self._is_outside(one)]
        return max(foreign, key=len, default="")

    def _is_outside(self, territories: frozenset[str]) -> bool:
        known = [matches_territory(territories, one) for one in self.territories]
        return bool(known) and all(one is False for one in known)

    def _likeliest(self, territories: frozenset[str]) -> str:
        """Return the territory that a name or code most likely stands for."""
        return min(
            territories,
            key=lambda one: (one[:2] not in self.countries, one[:2] != "US", "-" not in one, one),
        )

    def _foreign_zip(self, parsed: ParsedAddress, state: str) -> str:
        """Return the town and state of a ZIP code elsewhere, if nothing else contradicts it."""
        code = find_zip(parsed.postcode) if parsed.postcode else ""
        is_us = "US" in self.countries or state.startswith("US") or not self.countries
        if not code or (state and not state.startswith("US")) or not is_us:
            return ""
        known = zip_codes()[code]
        if state not in ("", "US", known.state) or self._may_hold_zip(known):
            return ""
        return f"{known.cities[0]}, {territory_name(known.state)}"


def _countries_of(code: str) -> frozenset[str]:
    found = countries_of_postcode(code)
    for key in postcode_keys(code)[1:]:
        found |= countries_of_postcode(key)
    return found


class Settlements:
    """Settlements, and which of them a position belongs to.

    At (n,) degrees; ``influence`` is (n,) how far each name reaches, against a village's.
    """

    def __init__(self, lon: Floats, lat: Floats, influence: Floats) -> None:
        self._influence = influence
        self._plane = LocalPlane(
            Point(float(lon.mean()), float(lat.mean())) if len(lon) else Point(0, 0)
        )
        self._xy = np.column_stack(self._plane.to_xy(lon, lat))

    def __len__(self) -> int:
        return len(self._influence)

    def nearest(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike
    ) -> tuple[npt.NDArray[np.int64], Floats]:
        """Return the (k,) settlements of positions, and how far away they are.

        -1 where there are none; the metres to a settlement's middle are divided by its influence.
        """
        from scipy.spatial import cKDTree

        xy = np.column_stack(self._plane.to_xy(lon, lat))
        rows, weighted_m = np.full(len(xy), -1, np.int64), np.full(len(xy), np.inf)
        tree = cKDTree(self._xy)
        count = range(1, min(_NEIGHBOURS, len(self)) + 1)
        for start in range(0, len(xy) if len(self) else 0, _CHUNK):
            chunk = slice(start, start + _CHUNK)
            distance_m, near = tree.query(xy[chunk], k=count)
            near_m = distance_m / self._influence[near]
            strongest = np.argmin(near_m, axis=1)[:, None]
            rows[chunk] = np.take_along_axis(near, strongest, axis=1)[:, 0]
            weighted_m[chunk] = np.take_along_axis(near_m, strongest, axis=1)[:, 0]
        return rows, weighted_m

    def within(
        self, lon: npt.ArrayLike, lat: npt.ArrayLike, radius_m: float
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]:
        """Return the settlements whose reach positions lie in.

        As p pairs of a position and a settlement, and the metres between the two divided by its
        influence. ``radius_m`` is a village's reach; that of others goes by their influence.
        """
        from scipy.spatial import cKDTree

        xy = np.column_stack(self._plane.to_xy(lon, lat))
        pairs: list[npt.NDArray[np.int64]] = [np.zeros((0, 2), np.int64)]
        for influence in np.unique(self._influence):
            chosen = np.flatnonzero(self._influence == influence)
            tree = cKDTree(self._xy[chosen])
            for start in range(0, len(xy), _CHUNK):
                near = tree.query_ball_point(xy[start : start + _CHUNK], radius_m * influence)
                at = np.repeat(np.arange(len(near)) + start, [len(one) for one in near])
                rows = chosen[[row for one in near for row in one]] if len(at) else at
                pairs.append(np.column_stack([at, rows]))
        positions, rows = np.concatenate(pairs).T
        weighted_m = np.hypot(*(xy[positions] - self._xy[rows]).T) / self._influence[rows]
        return positions, rows, weighted_m

    def nearest_to(self, point: Point) -> int | None:
        """Return the settlement of one position; None where there are no settlements."""
        if not len(self):
            return None
        x, y = self._plane.to_xy(point.lon, point.lat)
        distance_m = np.hypot(self._xy[:, 0] - x, self._xy[:, 1] - y)
        return int(np.argmin(distance_m / self._influence))
