"""Time, handed in: what waits or counts seconds takes a clock, so that nothing must be waited for.

Waits are slept in short steps and told at each, so that whoever asked may stop by raising. Where
there is nothing to tell, as while a server is silent, whoever asked is only asked whether to go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

Told = Callable[[str, float], None]
"""Called with what is being done, in words, and the fraction that is done; may raise to stop."""

_STEP_S = 0.5


def untold(_said: str, _done: float) -> None:
    """Tell nobody."""


def unattended() -> None:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Where seconds come from.

    Attributes
    ----------
    epoch_s
        Returns the seconds since 1970, which other processes share.
    monotonic_s
        Returns seconds that never run back.
    sleep
        Waits so many seconds.
    attend
        Called again and again while something is waited for; may raise to stop.
    """

    epoch_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    attend: Callable[[], None] = unattended

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.fromtimestamp(self.epoch_s(), UTC)

    def wait(self, seconds: float, tell: Callable[[float], None] = lambda _left_s: None) -> None:
        """Wait, telling how many seconds are left.

        Parameters
        ----------
        seconds
            How long.
        tell
            Called before each step; may raise to stop.
        """
        left = seconds
        while left > 0:
            self.attend()
            tell(left)
            step = min(_STEP_S, left)
            self.sleep(step)
            left -= step


WALL = Clock()
"""The computer's own clock."""
