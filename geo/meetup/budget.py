"""The time that a plan may take, over all its steps, and whoever may stop it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

Progress = Callable[[float, float, float], bool | None]
"""Told seconds, value and bound now and then; answers False to stop."""

_MOMENT_S = 0.05


class TimeBudget:
    """The time that a plan may take, how good is good enough, and who may stop it.

    Parameters
    ----------
    limit_s
        Seconds from now.
    gap
        A total that is proven within this fraction of the least needs no more time.
    progress
        Told how far it is; answers False to stop.

    Attributes
    ----------
    stopped
        Whether somebody has stopped it.
    """

    def __init__(self, limit_s: float, gap: float = 0.0, progress: Progress | None = None) -> None:
        self._began = time.monotonic()
        self._end = self._began + limit_s
        self.gap = gap
        self._progress = progress
        self._known = (math.inf, -math.inf)
        self.stopped = False

    def tell(self, value: float, bound: float) -> bool:
        """Tell how far it is, and return whether to go on; once stopped, it is over."""
        self._known = (value, bound)
        return self.still_on()

    def still_on(self) -> bool:
        """Return whether to go on; what was told last is told again."""
        if self._progress is not None and not self.stopped:
            elapsed_s = time.monotonic() - self._began
            self.stopped = self._progress(elapsed_s, *self._known) is False
        return not self.over

    def hear(self, _elapsed_s: float, value: float, bound: float) -> bool:
        """Hear a solver whose value and bound are those of the plan."""
        return self.tell(value, bound)

    def ask(self, _elapsed_s: float, _value: float, _bound: float) -> bool:
        """Answer a solver that finds something else on the way."""
        return self.still_on()

    def part(self, share: float, gap: float = 0.0, *, told: bool = True) -> TimeBudget:
        """Return the clock of a step, which ends when this one is stopped.

        Parameters
        ----------
        share
            Of the time that is left.
        gap
            What is good enough in the step.
        told
            Whether the value and the bound in the step are those of the plan.
        """
        return TimeBudget(share * self.left_s, gap, self.hear if told else self.ask)

    @property
    def left_s(self) -> float:
        """Seconds that remain, at least a moment, so that every step gives some answer."""
        return _MOMENT_S if self.stopped else max(_MOMENT_S, self._end - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether the time is up, or somebody has stopped it."""
        return self.stopped or time.monotonic() >= self._end
