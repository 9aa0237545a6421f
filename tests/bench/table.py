"""One line of the benchmark table: ours and the peer, measured in the same run, ratio last."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Attributes
    ----------
    name
        What was done, on which input.
    ours
        Our figure, in ``unit``.
    peer
        Who is beside us; empty for an absolute figure.
    theirs
        Their figure; None where they could not be installed.
    bar
        What the ratio ours / theirs (or ours itself, without a peer) should stay below.
    unit
        As "ms", "s", "MB", "%".
    note
        What else is to be known, as whether an optimum was proven.
    """

    name: str
    ours: float
    peer: str = ""
    theirs: float | None = None
    bar: float | None = None
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours divided by theirs."""
        return self.ours / self.theirs if self.theirs else None

    @property
    def verdict(self) -> str:
        """Whether the bar is held; empty where there is nothing to compare."""
        measured = self.ratio if self.peer else self.ours
        if self.bar is None or measured is None:
            return ""
        return "ok" if measured <= self.bar else "MISSED"


def best_ms(call: Callable[[], object], *, repeats: int = 20) -> float:
    """Return the fastest of several calls in milliseconds: the least disturbed by other work."""
    call()
    best = float("inf")
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best * 1000


def print_rows(rows: Iterable[Row]) -> bool:
    """Print rows as they are measured; tell whether every bar was held."""
    line = "{:<52} {:>10} {:<4} {:<22} {:>10} {:>8} {:>8}  {}"
    print(line.format("what", "ours", "", "peer", "theirs", "bar", "ratio", ""), flush=True)
    held = True
    for row in rows:
        held &= row.verdict != "MISSED"
        print(
            line.format(
                row.name,
                f"{row.ours:.4g}",
                row.unit,
                row.peer,
                "absent" if row.peer and row.theirs is None else _figure(row.theirs),
                _figure(row.bar),
                _figure(row.ratio),
                f"{row.verdict} {row.note}".strip(),
            ),
            flush=True,
        )
    return held


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
