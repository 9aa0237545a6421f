"""Jobs: work that takes longer than a page may, each in a thread of its own.

A page starts a job, and shows it again and again until it is over; the visitor may go to another
page meanwhile, or cancel it. Jobs of one queue wait for one of its slots: plans leave a core free
for everybody's pages, and regions are installed one after another.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, Literal, TypeVar

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.errors import CrossroadsError

Result = TypeVar("Result")
State = Literal["waiting", "running", "done", "failed", "cancelled"]
BoundProgress = Callable[[float, float, float], bool]
"""As solvers report: seconds passed, best value, its bound; returns whether to go on."""

_LOG = logging.getLogger(__name__)
_POLL_S = 0.1


class JobCancelled(Exception):
    """Raised within a job that was cancelled, where it reports or checks."""


class Job(Generic[Result]):
    """A function that runs in a thread of its own.

    Parameters
    ----------
    work
        The function. From the job that it is given it reports progress, and learns that it was
        cancelled: by `JobCancelled` (`report`, `check_cancelled`), which leaves no result, or by
        a return value (`report_bound`, `should_continue`), after which it may return its best.
    title
        What it is for, as "Getting vermont".
    about
        Name of the region that it is about; empty for none.
    accept
        Starts it again with what it failed for accepted; returns whether that has begun.
    is_wanted
        Returns whether anybody still waits for it; it is cancelled otherwise.

    Attributes
    ----------
    step
        What is being done, in words.
    done
        The fraction that is done.
    gap
        How far the best found may be from the optimum, as a fraction; None while unknown.
    result
        What the function returned; None until then.
    error
        The sentence for the visitor where it failed; empty for a fault of ours.
    failure
        The error itself, where a person can mend it.
    """

    def __init__(
        self,
        work: Callable[[Job[Result]], Result],
        *,
        title: str = "",
        about: str = "",
        accept: Callable[[], bool] | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        self.title = title
        self.about = about
        self.accept = accept
        self.state: State = "waiting"
        self.step = ""
        self.done = 0.0
        self.gap: float | None = None
        self.result: Result | None = None
        self.error = ""
        self.failure: CrossroadsError | None = None
        self._work = work
        self._is_wanted = is_wanted
        self._cancel = threading.Event()
        self._over = threading.Event()
        self._created_s = time.monotonic()

    def start(self, queue: JobQueue | None = None) -> None:
        """Run it, as soon as the queue has a free slot where there is one."""
        threading.Thread(
            target=self._run, args=(queue,), name="crossroads-job", daemon=True
        ).start()

    def cancel(self) -> None:
        """Ask it to end at its next step."""
        self._cancel.set()

    def wait(self, timeout_s: float) -> bool:
        """Wait for its end, but no longer than that; return whether it is over."""
        return self._over.wait(timeout_s)

    @property
    def is_over(self) -> bool:
        """Whether it has ended, however."""
        return self._over.is_set()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self._cancel.is_set()

    @property
    def elapsed_s(self) -> float:
        """Seconds since it was asked for."""
        return time.monotonic() - self._created_s

    def report(self, step: str, done: float) -> None:
        """Take note of the step and the fraction that is done: `geo.cancellation.Progress`.

        Raises
        ------
        JobCancelled
            It was cancelled.
        """
        self.check_cancelled()
        self.step, self.done = step or self.step, min(1.0, max(0.0, done))

    def report_bound(self, _elapsed_s: float, value: float, bound: float) -> bool:
        """Take note of a value and its bound; return whether to go on: `BoundProgress`."""
        larger = max(abs(value), abs(bound))
        if math.isfinite(larger):
            self.gap = abs(value - bound) / larger if larger else 0.0
        return self.should_continue()

    def should_continue(self, *_reported: float) -> bool:
        """Return whether to go on."""
        return not self._cancel.is_set() and self._is_wanted()

    def check_cancelled(self) -> None:
        """Go on, unless it was cancelled.

        Raises
        ------
        JobCancelled
            It was.
        """
        if not self.should_continue():
            raise JobCancelled

    def _run(self, queue: JobQueue | None) -> None:
        _CURRENT_JOB.set(self)
        try:
            if queue is None:
                self._call()
            else:
                with queue.slot(self):
                    self._call()
        except JobCancelled:
            self.state = "cancelled"
        except CrossroadsError as error:
            self.error, self.failure, self.state = str(error), error, "failed"
        except Exception:  # noqa: BLE001 - a page must not wait for a thread that died
            _LOG.exception("a job failed")
            self.state = "failed"
        finally:
            self._over.set()

    def _call(self) -> None:
        self.state = "running"
        self.result = self._work(self)
        self.state = "done"


_CURRENT_JOB: ContextVar[Job[Any]] = ContextVar("job")
"""The job that a thread works on."""


def check_cancelled() -> None:
    """Go on, unless this is the thread of a job that was cancelled.

    Raises
    ------
    JobCancelled
        It is.
    """
    job = _CURRENT_JOB.get(None)
    if job is not None:
        job.check_cancelled()


class JobQueue:
    """Jobs of one kind, so many of which run at once; the others wait.

    Parameters
    ----------
    slots
        How many run at once.

    Attributes
    ----------
    count
        Number of jobs so far; a popover that is named by it closes when the next one begins.
    latest
        The job that was submitted last; None where there is none, or it was dismissed.
    """

    def __init__(self, slots: int) -> None:
        self.count = 0
        self.latest: Job[Any] | None = None
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(slots)

    @property
    def is_busy(self) -> bool:
        """Whether the latest job is not over."""
        job = self.latest
        return job is not None and not job.is_over

    def submit(self, job: Job[Any]) -> None:
        """Run a job as soon as a slot is free."""
        with self._lock:
            self._start(job)

    def submit_if_idle(self, job: Job[Any]) -> bool:
        """Run a job, unless one is under way; return whether it runs."""
        with self._lock:
            if not self.is_busy:
                self._start(job)
                return True
        return False

    def dismiss(self) -> None:
        """Forget the latest job, if it is over."""
        with self._lock:
            if not self.is_busy:
                self.latest = None

    @contextmanager
    def slot(self, job: Job[Any]) -> Iterator[None]:
        """Hold a slot, after waiting for one.

        Raises
        ------
        JobCancelled
            The job was cancelled while it waited.
        """
        while not self._slots.acquire(timeout=_POLL_S):
            job.check_cancelled()
        try:
            yield
        finally:
            self._slots.release()

    def _start(self, job: Job[Any]) -> None:
        self.latest = job
        self.count += 1
        job.start(self)


REGION_JOBS = JobQueue(1)
"""Downloads, builds and refreshes of regions; all visitors see the latest."""

PLAN_JOBS = JobQueue(max(1, (os.cpu_count() or 2) - 1))
"""Plans, comparisons and imports of single visitors."""


def session_check() -> Callable[[], bool]:
    """Return a function that tells whether the visitor of the page that runs is still there."""
    running = get_script_run_ctx(suppress_warning=True)
    session = running.session_id if running else ""
    return lambda: not Runtime.exists() or Runtime.instance().is_active_session(session)
