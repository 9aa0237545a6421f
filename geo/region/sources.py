"""What a region is built from: one extract, several, or answers of an Overpass server.

Whatever it is, a build reads one extract: several are merged into one first, and answers are
written as one, beside the files of the build.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geo.errors import InputError
from geo.model import BBox
from geo.region.answers import ANSWER, write_answers
from geo.region.extract import read_header
from geo.region.manifest import GENERATOR
from geo.region.merged import merge_extracts
from geo.region.source import Origin, Source

_FARTHEST_DEG = 2.0
"""From which gap on extracts are no neighbours: all between them would be drawn as empty sea."""

_AT_ONCE = 64
"""Answers that are sorted together; as many as fit into memory whatever is in them."""

_NAMED = 3
"""How many sources a title names."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """One extract that stands for all sources.

    Attributes
    ----------
    extract
        The one to read.
    sources
        What is to be known of each source.
    made
        Files that were made on the way, to be deleted.
    """

    extract: Path
    sources: tuple[Source, ...]
    made: tuple[Path, ...] = ()

    def discard(self) -> None:
        """Delete what was made of the sources; they themselves are not touched."""
        for path in self.made:
            path.unlink(missing_ok=True)

    @property
    def title(self) -> str:
        """What to call the sources together: short, however many they are."""
        names = [source.name for source in self.sources]
        if len(names) > 1 and all(name.endswith(ANSWER) for name in names):
            return f"{len(names)} Overpass answers"
        more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
        return " + ".join(names[:_NAMED] + more)

    @property
    def bytes(self) -> int:
        """Their size together."""
        return sum(source.bytes for source in self.sources)


def gather(files: Sequence[Path], origins: Sequence[Origin], folder: Path) -> Gathered:
    """Return the one extract that stands for some files.

    Parameters
    ----------
    files
        Extracts, and answers of an Overpass server whose names end in ``.json``.
    origins
        Where each can be had again; none, or one for each file.
    folder
        Where to write what must be made.

    Raises
    ------
    InputError
        There are none, they lie far from each other, or one is of an invented place.
    UnreadableExtract
        One is missing, damaged, not whole, or unsorted.
    """
    extracts = [path for path in files if path.suffix.lower() != ANSWER]
    answers = [path for path in files if path.suffix.lower() == ANSWER]
    moments = {path: read_header(path).timestamp for path in extracts}
    made: list[Path] = []
    for start in range(0, len(answers), _AT_ONCE):
        group = answers[start : start + _AT_ONCE]
        made.append(folder / f"answers-{start}.osm.pbf")
        moments.update(zip(group, write_answers(group, made[-1]), strict=True))
        extracts.append(made[-1])
    if not extracts:
        raise InputError("a region is built from an extract; give one at least.")
    if len(extracts) > 1:
        made.append(folder / "merged.osm.pbf")
        _merge(extracts, made[-1])
    return Gathered(made[-1] if made else extracts[0], _sources(files, origins, moments), (*made,))


def _sources(
    files: Sequence[Path], origins: Sequence[Origin], moments: Mapping[Path, datetime | None]
) -> tuple[Source, ...]:
    known = origins or [Origin()] * len(files)
    return tuple(
        Source(
            path.name,
            path.stat().st_size,
            moments[path],
            url=origin.url,
            md5=origin.md5,
            etag=origin.etag,
            modified=origin.modified,
        )
        for path, origin in zip(files, known, strict=True)
    )


def _merge(extracts: Sequence[Path], target: Path) -> None:
    """Merge extracts that can be one region; refuse others."""
    headers = [read_header(path) for path in extracts]
    if len({one.generator == GENERATOR for one in headers}) > 1:
        raise InputError("the sample county is invented; build real extracts without it.")
    if not are_neighbours([one.bbox for one in headers if one.bbox]):
        raise InputError("the extracts lie far from each other; build a region from each.")
    merge_extracts(extracts, headers, target)


def are_neighbours(boxes: Sequence[BBox]) -> bool:
    """Return whether all boxes hang together, each near another, so that they can be one region."""
    reached, waiting = list(boxes[:1]), list(boxes[1:])
    for box in reached:  # grows while it is walked
        near = [one for one in waiting if _gap_deg(one, box) <= _FARTHEST_DEG]
        reached += near
        waiting = [one for one in waiting if one not in near]
    return not waiting


def _gap_deg(a: BBox, b: BBox) -> float:
    """Return the wider of the two gaps between boxes, along a meridian and along a parallel."""
    return max(a.west - b.east, b.west - a.east, a.south - b.north, b.south - a.north)
