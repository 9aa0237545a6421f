"""The curve as a Streamlit component: points are buttons over a drawn line.

Words arrive finished. Buttons can be reached and heard by everybody, which points painted on a
canvas cannot; colours come from the theme.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from geo.ui.component import Component

_BROWSER = Path(__file__).parent / "browser"
_CURVE = Component(
    "crossroads.curve",
    partial((_BROWSER / "curve.js").read_text, "utf-8"),
    _BROWSER / "curve.css",
)


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A point of a curve.

    Attributes
    ----------
    x, y
        Where it is.
    label
        What stands below it.
    text
        What it says, as ``"3 meetups: 5 h 48 min in all"``.
    chosen
        Whether it is the one that is looked at.
    best
        Whether it is the one that is advised.
    """

    x: float
    y: float
    label: str
    text: str
    chosen: bool = False
    best: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A curve with its words.

    Attributes
    ----------
    marks
        By rising x.
    levels
        Heights at which a line is drawn, with what stands beside it; the last is the top.
    title, x_title, y_title
        What it shows, and what its axes are.
    """

    marks: Sequence[ChartPoint]
    levels: Sequence[tuple[float, str]]
    title: str
    x_title: str
    y_title: str


def show_curve(chart: Chart, on_chosen: Callable[[int], None], *, key: str) -> None:
    """Show the curve.

    Parameters
    ----------
    chart
        What to show.
    on_chosen
        Called with the position of the point that was chosen, before the page runs.
    key
        Names this curve.
    """

    def react(value: Any) -> None:
        if type(value) is int and 0 <= value < len(chart.marks):
            on_chosen(value)

    _CURVE.show(asdict(chart), key=key, handlers={"chosen": react})
