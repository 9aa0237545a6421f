"""How long a solver may try: a time limit, a gap that is good enough, and a caller who may stop it.

Solvers ask `Effort.goes_on` between steps of about a tenth of a second. Which step comes next never
depends on the clock, so two runs differ only if one of them is cut short.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from geo.errors import InputError

Progress = Callable[[float, float, float], bool | None]
"""Called with elapsed seconds, objective and bound; answers False to stop with what there is."""


class Effort:
    """The effort that one call may spend; not shared between calls.

    Parameters
    ----------
    time_limit_s
        Seconds on the wall clock; ``inf`` for as long as it takes.
    gap
        Stop when the objective is proven to be within this fraction of the best.
    progress
        Told how far it is; may stop it.

    Raises
    ------
    InputError
        The time limit or the gap is negative or no number.
    """

    def __init__(
        self,
        time_limit_s: float = math.inf,
        gap: float = 0.0,
        progress: Progress | None = None,
    ) -> None:
        if not time_limit_s >= 0:
            raise InputError(f"a time limit of {time_limit_s} s is none; give 0 or more.")
        if not gap >= 0:
            raise InputError(f"a gap of {gap} is none; give a fraction of 0 or more, as 0.001.")
        self.time_limit_s = time_limit_s
        self.gap = gap
        self._progress = progress
        self._start = time.perf_counter()
        self._stopped = False
        self._last = (math.inf, -math.inf)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._start

    @property
    def left_s(self) -> float:
        """Seconds that remain; 0.0 when stopped."""
        return 0.0 if self._stopped else max(0.0, self.time_limit_s - self.elapsed_s)

    @property
    def stopped(self) -> bool:
        """Whether the time is over or the caller has had enough."""
        return self.left_s <= 0

    def goes_on(self, objective: float, bound: float) -> bool:
        """Tell the caller how far it is, and return whether to go on."""
        self._last = (objective, bound)
        return self.still_on()

    def still_on(self) -> bool:
        """Return whether to go on; the caller hears the last objective and bound again."""
        if not self._stopped and self._progress is not None:
            self._stopped = self._progress(self.elapsed_s, *self._last) is False
        return not self.stopped

    def part(self, seconds: float) -> Effort:
        """Return the effort for a step of this one, which ends when this one is stopped."""
        return Effort(
            min(seconds, self.left_s), progress=lambda _elapsed, _objective, _bound: self.still_on()
        )
