"""A curve whose points can be chosen, by mouse, finger and keyboard."""

from geo.ui.curve.component import Chart, Mark, show_curve

__all__ = ["Chart", "Mark", "show_curve"]
