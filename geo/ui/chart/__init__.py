"""A curve whose points can be chosen, by mouse, finger and keyboard."""

from __future__ import annotations

from geo.ui.chart.component import Chart, ChartPoint, show_curve

__all__ = [
    "Chart",
    "ChartPoint",
    "show_curve",
]
