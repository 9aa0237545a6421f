"""A sheet to draw small road networks on, in metres, and to drive on what was made of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geo.geometry import METRES_PER_DEGREE
from geo.network.graph import CONDITIONS, RoadGraph
from geo.region.extract import read_extract
from geo.region.roads import RoadCollector

Tags = Mapping[str, str]


class Sheet:
    """Nodes at metres east and north of a corner near the equator, and ways between them."""

    def __init__(self, folder: Path, lat: float = 1.0) -> None:
        self._folder = folder
        self._lat = lat
        self._nodes: dict[int, str] = {}
        self._ways: dict[int, str] = {}
        self._at: dict[int, tuple[float, float]] = {}
        self.graph: RoadGraph

    def node(self, ref: int, east_m: float, north_m: float, tags: Tags | None = None) -> None:
        lat = self._lat + north_m / METRES_PER_DEGREE
        lon = 1 + east_m / METRES_PER_DEGREE / np.cos(np.radians(self._lat))
        self._at[ref] = (round(lon, 7), round(lat, 7))
        place = f'lon="{lon:.7f}" lat="{lat:.7f}"'
        self._nodes[ref] = f'<node id="{ref}" {place}>{_tags(tags)}</node>'

    def way(self, ref: int, nodes: list[int], tags: Tags | None = None) -> None:
        points = "".join(f'<nd ref="{node}"/>' for node in nodes)
        tags = tags or {"highway": "residential"}
        self._ways[ref] = f'<way id="{ref}">{points}{_tags(tags)}</way>'

    def line(self, *refs: int, step_m: float = 500.0, **tags: str) -> None:
        """Draw nodes in a row to the east, and one way through them all."""
        for place, ref in enumerate(refs):
            self.node(ref, place * step_m, 0)
        self.way(100, list(refs), {"highway": "residential"} | tags)

    def write(self) -> Path:
        path = self._folder / "sheet.osm"
        rows = [store[ref] for store in (self._nodes, self._ways) for ref in sorted(store)]
        body = "\n".join(rows)
        path.write_text(f'<osm version="0.6">\n{body}\n</osm>', encoding="utf-8")
        return path

    def build(self) -> RoadGraph:
        collector = RoadCollector()
        read_extract(self.write(), [collector])
        self.graph = collector.finish()
        return self.graph

    def junction(self, ref: int) -> int | None:
        """Return the junction at a node; None where the graph has none."""
        lon, lat = self._at[ref]
        there = np.isclose(self.graph.junction_lon, lon, atol=2e-7) & np.isclose(
            self.graph.junction_lat, lat, atol=2e-7
        )
        return int(np.flatnonzero(there)[0]) if there.any() else None

    def position(self, ref: int) -> tuple[float, float]:
        """Return lon and lat of a node."""
        return self._at[ref]

    def drive(self, origin: int, destination: int, conditions: str = "dry") -> float:
        """Return the seconds from node to node; ``inf`` where there is no way."""
        a, b = self.junction(origin), self.junction(destination)
        if a is None or b is None:
            return np.inf
        graph = self.graph
        seconds = graph.edge_seconds[CONDITIONS.index(conditions)].astype(float)
        open_ = np.isfinite(seconds)
        size = graph.junction_count
        table = np.full((size, size), np.inf)
        np.minimum.at(table, (graph.edge_tail()[open_], graph.edge_head[open_]), seconds[open_])
        rows, columns = np.nonzero(np.isfinite(table))
        links = csr_array((table[rows, columns], (rows, columns)), (size, size))
        return float(dijkstra(links, indices=a)[b])

    def kmh(self, ref: int = 100) -> float:
        """Return the pace along the first edge of a way, turning included."""
        edge = int(np.flatnonzero(self.graph.edge_way == ref)[0])
        return float(self.graph.edge_length_m[edge] / self.graph.edge_seconds[0, edge] * 3.6)


def _tags(tags: Tags | None) -> str:
    return "".join(
        f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in (tags or {}).items()
    )


@pytest.fixture
def sheet(tmp_path: Path) -> Sheet:
    """Return an empty sheet."""
    return Sheet(tmp_path)


@pytest.fixture
def sheet_at(tmp_path: Path) -> Callable[[float], Sheet]:
    """Return a function that makes an empty sheet at a latitude."""
    return lambda lat: Sheet(tmp_path, lat)
