"""Work that runs beside the pages, for one visitor: a plan that takes seconds.

A page starts a job and looks at it again and again; the visitor may do other things, go to another
page, or stop it. Only so many jobs run at once that a core stays free for everybody's pages; the
others wait for a seat. A job whose visitor has gone stops by itself.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from typing import Generic, Literal, TypeVar

from geo.errors import CrossroadsError

T = TypeVar("T")
State = Literal["waiting", "running", "done", "failed"]
Progress = Callable[[float, float, float], bool]

_SEATS = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))
_LOOK_S = 0.1


class Job(Generic[T]):
    """One piece of work.

    Parameters
    ----------
    work
        Does it. It is given the job: to be told of progress (`Job.progress`), and to name the step
        that it is at.
    is_wanted
        Whether the visitor is still there.

    Attributes
    ----------
    state
        Where it is.
    step
        What it does, as a page says it.
    gap
        How far the best found may be from the best there is, as a fraction; None where nothing
        is known yet.
    result
        What came of it; None until then.
    error
        Why it failed, as a page says it; empty unless a person can mend it.
    """

    def __init__(
        self, work: Callable[[Job[T]], T], *, is_wanted: Callable[[], bool] = lambda: True
    ) -> None:
        self.state: State = "waiting"
        self.step = ""
        self.gap: float | None = None
        self.result: T | None = None
        self.error = ""
        self._work = work
        self._is_wanted = is_wanted
        self._stop = threading.Event()
        self._ended = threading.Event()
        self._began_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="crossroads-plan", daemon=True)

    def start(self) -> None:
        """Begin, as soon as there is a seat."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end with the best that it has."""
        self._stop.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait until it has ended, for a while, and return whether it has."""
        return self._ended.wait(timeout_s)

    @property
    def stopped(self) -> bool:
        """Whether it was asked to end."""
        return self._stop.is_set()

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return self._ended.is_set()

    @property
    def elapsed_s(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self._began_s

    def progress(self, _elapsed_s: float, value: float, bound: float) -> bool:
        """Take note of a value and its bound, and answer whether to go on."""
        larger = max(abs(value), abs(bound))
        if math.isfinite(larger):
            self.gap = abs(value - bound) / larger if larger else 0.0
        return self.ask()

    def ask(self, *_what: float) -> bool:
        """Answer whether to go on, for work that says nothing of how far it is."""
        return not self._stop.is_set() and self._is_wanted()

    def _run(self) -> None:
        try:
            while not _SEATS.acquire(timeout=_LOOK_S):
                if self._stop.is_set() or not self._is_wanted():
                    self.state = "failed"
                    return
            try:
                self.state = "running"
                self.result = self._work(self)
                self.state = "done"
            finally:
                _SEATS.release()
        except CrossroadsError as error:
            self.error, self.state = str(error), "failed"
        except Exception:  # a page must not wait for ever for a thread that died
            logging.getLogger(__name__).exception("a job failed")
            self.state = "failed"
        finally:
            self._ended.set()
