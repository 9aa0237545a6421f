"""Drafts become an OpenStreetMap extract.

Ids lie far above those that OpenStreetMap has given out by 2025 (some 13 billion nodes, 1.5 billion
ways, 20 million relations), so that an object of the sample never passes for a real one; they stay
below 2^34, 2^32 and 2^31, the most that some routing engines take. Every object has version 1 and
one fixed timestamp, and no user.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import osmium
from osmium.osm.mutable import Node as OsmNode
from osmium.osm.mutable import Relation as OsmRelation
from osmium.osm.mutable import Way as OsmWay

from data.sample.maker.draft import Draft
from geo.geometry import LocalPlane
from geo.model import BBox

TIMESTAMP = "2025-06-01T00:00:00Z"
GENERATOR = "crossroads sample (fictional)"
FIRST_NODE, FIRST_WAY, FIRST_RELATION = 16_000_000_001, 4_000_000_001, 2_000_000_001


@dataclass(frozen=True, slots=True)
class Sheet:
    """A draft and where its south-west corner lies on Earth."""

    draft: Draft
    plane: LocalPlane

    def lon_lat(self) -> npt.NDArray[np.float64]:
        """Return the (nodes, 2) positions, rounded to the 1e-7 degrees that OSM stores."""
        lon, lat = self.plane.to_lon_lat(*self.draft.xy.T)
        return np.asarray(np.round(np.stack([lon, lat], axis=1), 7), np.float64)


def write_extract(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write drafts into one ``.osm.pbf``; the file appears whole or not at all.

    Raises
    ------
    OSError
        The file cannot be written.
    """
    positions = [sheet.lon_lat() for sheet in sheets]
    part = path.with_name(f".{path.name}.part.osm.pbf")
    try:
        with osmium.SimpleWriter(str(part), overwrite=True, header=_header(positions)) as writer:
            for node in _nodes(sheets, positions):
                writer.add_node(node)
            for way in _ways(sheets):
                writer.add_way(way)
            for relation in _relations(sheets):
                writer.add_relation(relation)
        part.replace(path)
    except RuntimeError as error:
        raise OSError(f"{path} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def bounds(positions: Sequence[npt.NDArray[np.float64]]) -> BBox:
    """Return the box around all positions."""
    low = np.min([part.min(axis=0) for part in positions], axis=0)
    high = np.max([part.max(axis=0) for part in positions], axis=0)
    return BBox(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def _header(positions: Sequence[npt.NDArray[np.float64]]) -> osmium.io.Header:
    box = bounds(positions)
    header = osmium.io.Header()
    header.set("generator", GENERATOR)
    header.set("osmosis_replication_timestamp", TIMESTAMP)
    header.set("sorting", "Type_then_ID")
    header.add_box(osmium.osm.Box(box.west, box.south, box.east, box.north))
    return header


def _nodes(
    sheets: Sequence[Sheet], positions: Sequence[npt.NDArray[np.float64]]
) -> Iterator[OsmNode]:
    number = FIRST_NODE
    for sheet, lon_lat in zip(sheets, positions, strict=True):
        tags = sheet.draft.node_tags
        for index, location in enumerate(lon_lat.tolist()):
            yield OsmNode(
                id=number + index,
                version=1,
                timestamp=TIMESTAMP,
                location=location,
                tags=tags.get(index),
            )
        number += len(lon_lat)


def _ways(sheets: Sequence[Sheet]) -> Iterator[OsmWay]:
    number, first_node = FIRST_WAY, FIRST_NODE
    for sheet in sheets:
        for way in sheet.draft.ways:
            refs = (way.nodes + first_node).tolist()
            yield OsmWay(id=number, version=1, timestamp=TIMESTAMP, nodes=refs, tags=way.tags)
            number += 1
        first_node += len(sheet.draft.xy)


def _relations(sheets: Sequence[Sheet]) -> Iterator[OsmRelation]:
    number = FIRST_RELATION
    firsts = {"n": FIRST_NODE, "w": FIRST_WAY, "r": FIRST_RELATION}
    for sheet in sheets:
        for relation in sheet.draft.relations:
            members = [(kind, firsts[kind] + index, role) for kind, index, role in relation.members]
            yield OsmRelation(
                id=number, version=1, timestamp=TIMESTAMP, members=members, tags=relation.tags
            )
            number += 1
        firsts["n"] += len(sheet.draft.xy)
        firsts["w"] += len(sheet.draft.ways)
        firsts["r"] += len(sheet.draft.relations)
