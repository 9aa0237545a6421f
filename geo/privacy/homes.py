"""The homes of a region: where people may live, so that it can be said among how many one hides.

They come from the map alone (`geo.region.homes` collects them) and say nothing of anybody. On disk
they are three arrays, mapped into memory, and the settlements in one line of JSON.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from geo.errors import UnreadableRegion
from geo.geometry import LocalPlane, distances_m
from geo.model import Point
from geo.privacy.partition import Partition, divide

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

_SETTLEMENTS = "settlements.json"
_NEAREST = 12
"""Settlements looked at around a position; the one that it is deepest in has it."""

_CHUNK = 65_536
"""Positions looked up at once, to keep memory bounded."""


@dataclass(frozen=True, slots=True)
class SettlementCores:
    """Settlements, and how far from its middle each is simply that settlement.

    Attributes
    ----------
    ids, names
        Of OpenStreetMap, as ``"n123"``, and as it is written there.
    lon, lat, core_m
        (m,) degrees, and metres (``data/homes.toml``).
    """

    ids: tuple[str, ...]
    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    core_m: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, lon: Floats, lat: Floats) -> Ints:
        """Return (k,) rows of the settlements that positions lie in; -1 where in none."""
        from scipy.spatial import cKDTree

        rows = np.full(len(lon), -1, np.int32)
        if not len(self) or not len(lon):
            return rows
        plane = LocalPlane(Point(float(self.lon.mean()), float(self.lat.mean())))
        tree = cKDTree(np.column_stack(plane.to_xy(self.lon, self.lat)))
        xy = np.column_stack(plane.to_xy(lon, lat))
        count = range(1, min(_NEAREST, len(self)) + 1)
        for start in range(0, len(xy), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            _, near = tree.query(xy[chunk], k=count)
            away_m = distances_m(lon[chunk, None], lat[chunk, None], self.lon[near], self.lat[near])
            depth = away_m / self.core_m[near]
            best = np.argmin(depth, axis=1)[:, None]
            inside = np.take_along_axis(depth, best, axis=1)[:, 0] <= 1.0
            row = np.take_along_axis(near, best, axis=1)[:, 0]
            rows[chunk] = np.where(inside, row, -1)
        return rows

    def nearest(self, point: Point) -> int | None:
        """Return the settlement whose name tells best where a position is; None for none."""
        if not len(self):
            return None
        away_m = distances_m(point.lon, point.lat, self.lon, self.lat)
        return int(np.argmin(away_m / self.core_m))


class Homes:
    """The homes of a region; every thread may ask.

    Parameters
    ----------
    lon_e7, lat_e7
        (n,) degrees times 1e7, each position once, sorted by both.
    settlement
        (n,) rows of the settlements that they lie in; -1 for none.
    cores
        The settlements.
    """

    def __init__(
        self, lon_e7: Ints, lat_e7: Ints, settlement: Ints, cores: SettlementCores
    ) -> None:
        self.lon_e7, self.lat_e7 = lon_e7, lat_e7
        self.settlement = settlement
        self.cores = cores
        self._partitions: dict[int, Partition] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self.lon_e7)

    @classmethod
    def of(cls, lon: Sequence[float] | Floats, lat: Sequence[float] | Floats,
           cores: SettlementCores) -> Homes:  # fmt: skip
        """Return the homes at some positions, in degrees; twins count once."""
        e7 = np.rint(np.column_stack([lon, lat]) * 1e7).astype(np.int32).reshape(-1, 2)
        e7 = np.unique(e7, axis=0)
        settlement = cores.of(e7[:, 0] / 1e7, e7[:, 1] / 1e7)
        return cls(
            np.ascontiguousarray(e7[:, 0]), np.ascontiguousarray(e7[:, 1]), settlement, cores
        )

    def partition(self, k: int) -> Partition:
        """Return the areas of at least ``k`` homes each; made once for each ``k``."""
        with self._lock:
            if k not in self._partitions:
                self._partitions[k] = divide(
                    np.asarray(self.lon_e7) / 1e7,
                    np.asarray(self.lat_e7) / 1e7,
                    np.asarray(self.settlement),
                    k,
                )
            return self._partitions[k]

    def save(self, folder: Path) -> None:
        """Write the homes into an existing folder; the same homes give the same bytes."""
        for name in ("lon_e7", "lat_e7", "settlement"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        cores = self.cores
        table = [
            [*one[:2], *map(float, one[2:])]
            for one in zip(cores.ids, cores.names, cores.lon, cores.lat, cores.core_m, strict=True)
        ]
        (folder / _SETTLEMENTS).write_text(json.dumps(table, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Homes:
        """Open what `save` wrote.

        Raises
        ------
        UnreadableRegion
            A file is missing or damaged.
        """
        try:
            lon, lat, settlement = (
                np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in ("lon_e7", "lat_e7", "settlement")
            )
            table = json.loads((folder / _SETTLEMENTS).read_text("utf-8"))
            ids, names, *numbers = zip(*table, strict=True) if table else ((), (), (), (), ())
        except (OSError, ValueError, EOFError) as error:
            raise UnreadableRegion(
                f"the homes in {folder} cannot be read ({error}); build the region again."
            ) from error
        cores = SettlementCores(ids, names, *(np.array(one, np.float64) for one in numbers))
        return cls(lon, lat, settlement, cores)
