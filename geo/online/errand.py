"""One round of questions to an Overpass server: what is still to be asked, and what has come."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from geo.disk import disk_errors
from geo.errors import BadAnswer, OnlineError
from geo.model import BBox
from geo.online.clock import Told
from geo.online.exchange import Answer
from geo.online.patience import Patience
from geo.online.queries import Wish
from geo.online.verdict import Contents, contents_of
from geo.world_grid import quarters

_LEAST_SHARE = 0.2
"""A box is not cut narrower than this share of its first width: two quarterings."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking about some boxes.

    Attributes
    ----------
    paths
        Files of answers in Overpass JSON; what lies on the edge of two boxes is in both.
    boxes
        What was answered fully.
    missing
        What was not.
    reason
        Why not, as a sentence; empty if nothing is missing.
    osm_timestamp
        When OpenStreetMap looked like the oldest of the answers.
    elements
        How many elements there are in all answers; those on the edge of two boxes count twice.
    """

    paths: tuple[Path, ...]
    boxes: tuple[BBox, ...]
    missing: tuple[BBox, ...]
    reason: str
    osm_timestamp: datetime
    elements: int


class Errand:
    """What is still to be asked, and what has come.

    Parameters
    ----------
    boxes
        Where to look.
    wish
        What for.
    progress
        Is told what goes on.
    """

    def __init__(self, boxes: Sequence[BBox], wish: Wish, progress: Told) -> None:
        step = wish.boxes_at_once
        self.left = deque(tuple(boxes[i : i + step]) for i in range(0, len(boxes), step))
        self.wish = wish
        self.patience = Patience()
        self._progress = progress
        self._area = sum(map(_area, boxes))
        self._least = _LEAST_SHARE**2 * min(map(_area, boxes), default=0.0)
        self._lean: set[tuple[BBox, ...]] = set()
        self._breaks: Counter[tuple[BBox, ...]] = Counter()
        self._paths: list[Path] = []
        self._boxes: list[BBox] = []
        self._missing: list[BBox] = []
        self._error: OnlineError | None = None
        self._contents: list[Contents] = []

    def tell(self, said: str) -> None:
        """Tell what goes on, and how much is done."""
        done = sum(map(_area, (*self._boxes, *self._missing)))
        self._progress(said, min(1.0, done / self._area))

    def wish_for(self, group: tuple[BBox, ...]) -> Wish:
        """Return what to ask for in some boxes: no relations where they were too much."""
        return self.wish.without_relations() if group in self._lean else self.wish

    def take(self, group: tuple[BBox, ...], answer: Answer, folder: Path) -> None:
        """Write an answer into a folder."""
        key = hashlib.sha256(self.wish_for(group).query(group).encode("utf-8")).hexdigest()[:16]
        path = folder / f"answer-{key}.json"
        with disk_errors(folder):
            path.write_bytes(answer.body)
        self._paths.append(path)
        self._boxes += group
        self._contents.append(contents_of(answer, group))
        self.tell("")

    def breaks(self, group: tuple[BBox, ...]) -> int:
        """Return how often the answer about a group broke off, this time counted."""
        self._breaks[group] += 1
        return self._breaks[group]

    def narrow(self, group: tuple[BBox, ...], error: OnlineError) -> None:
        """Ask for less next; count as missing what cannot be cut smaller.

        Of several boxes, for fewer; of one, without relations, which may be more than all else; if
        that is too much too, by its quarters.
        """
        middle = len(group) // 2
        if not middle and self.wish.has_relations and group not in self._lean:
            self._lean.add(group)
            self.left.appendleft(group)
            return
        parts = [group[:middle], group[middle:]] if middle else [(q,) for q in quarters(group[0])]
        if _area(parts[0][0]) < self._least:
            self._missing += group
            self._error = error
        else:
            self.left.extendleft(reversed(parts))

    def give_up(self, group: tuple[BBox, ...], error: OnlineError) -> None:
        """Count all that is left as missing."""
        self._missing += [*group, *(box for other in self.left for box in other)]
        self._error = error
        self.left.clear()

    def finish(self, host: str) -> Fetched:
        """Return what has come from a host.

        Raises
        ------
        OnlineError
            Nothing has come, or what came is of another place.
        """
        if self._error is not None and not self._boxes:
            raise self._error
        if self._contents and not self._is_here():
            raise BadAnswer(
                f"{host} answered about another area than the one requested; check"
                " CROSSROADS_OVERPASS_URL."
            )
        self._progress("", 1.0)
        return Fetched(
            paths=tuple(self._paths),
            boxes=tuple(self._boxes),
            missing=tuple(self._missing),
            reason=str(self._error or ""),
            osm_timestamp=min(one.osm_timestamp for one in self._contents),
            elements=sum(one.elements for one in self._contents),
        )

    def _is_here(self) -> bool:
        """Return whether some node lies where it was asked for, or there is none at all."""
        near = any(one.nodes_near for one in self._contents)
        return near or not any(one.nodes for one in self._contents)


def _area(box: BBox) -> float:
    return (box.east - box.west) * (box.north - box.south)
