"""Work that takes longer than a page may: in a thread of its own, watched and stopped from pages.

A job outlives the run of the page that started it, and the visitor's visit. What it says of itself
is read by whoever looks; a stop is raised where the job next tells how far it is or attends to
whoever waits, which it does while a server is silent too, and what has arrived stays.

Work that runs beside the pages, for one visitor: a plan that takes seconds.

A page starts a job and looks at it again and again; the visitor may do other things, go to another
page, or stop it. Only so many jobs run at once that a core stays free for everybody's pages; the
others wait for a seat. A job whose visitor has gone stops by itself.

Whether the visitor of a page is still there, for what runs beside it.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Generic, Literal, TypeVar

from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from geo.cancellation import Progress
from geo.errors import CrossroadsError

Result = TypeVar("Result")

_LOG = logging.getLogger(__name__)


class JobCancelled(Exception):
    """Raised within a job that somebody wants to stop."""


_CURRENT_JOB: ContextVar[Job[Any]] = ContextVar("job")
"""The job that a thread works on."""


def check_cancelled() -> None:
    """Go on, unless this is the thread of a job that somebody wants to stop.

    Raises
    ------
    Stopped
        Somebody does.
    """
    job = _CURRENT_JOB.get(None)
    if job is not None:
        job.check()


class Job(Generic[Result]):
    """One errand, begun at once.

    Parameters
    ----------
    title
        What it is for, as "Getting vermont".
    errand
        Does the work; it is given a function to tell how far it is.
    about
        The region that it is about; empty for none.
    accept
        Begins it again with what it failed for accepted, and returns whether it has begun; None
        where nothing can be.

    Attributes
    ----------
    said
        What is being done, in words.
    done
        The fraction that is done.
    result
        What the errand returned; None until then.
    error
        The sentence for the person where it failed; empty where it did not.
    failure
        The error itself, where it is one of ours; None for none.
    was_stopped
        Whether it ended because somebody wanted it to.
    """

    def __init__(
        self,
        title: str,
        errand: Callable[[Progress], Result],
        *,
        about: str = "",
        accept: Callable[[], bool] | None = None,
    ) -> None:
        self.title = title
        self.about = about
        self.accept = accept
        self.said = ""
        self.done = 0.0
        self.result: Result | None = None
        self.error = ""
        self.failure: CrossroadsError | None = None
        self.was_stopped = False
        self._errand = errand
        self._stop = threading.Event()
        self._over = threading.Event()
        threading.Thread(target=self._run, name=title, daemon=True).start()

    @property
    def is_running(self) -> bool:
        """Whether it is still at work."""
        return not self._over.is_set()

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop and has not yet."""
        return self.is_running and self._stop.is_set()

    def stop(self) -> None:
        """Let it end at its next step."""
        self._stop.set()

    def check(self) -> None:
        """Go on, unless somebody wants it to stop.

        Raises
        ------
        Stopped
            Somebody does.
        """
        if self._stop.is_set():
            raise JobCancelled

    def wait(self, seconds: float) -> bool:
        """Wait at most so long for its end; return whether it has ended."""
        return self._over.wait(seconds)

    def _run(self) -> None:
        _CURRENT_JOB.set(self)
        try:
            self.result = self._errand(self._tell)
        except JobCancelled:
            self.was_stopped = True
        except CrossroadsError as error:
            self.error, self.failure = str(error), error
        except Exception:  # noqa: BLE001 - whoever waits must learn that it has ended
            _LOG.exception("a job failed")
            self.error = "something went wrong that should not; the log of the app says what."
        finally:
            self._over.set()

    def _tell(self, said: str, done: float) -> None:
        self.check()
        self.said, self.done = said or self.said, min(1.0, max(0.0, done))


class JobQueue:
    """Where the one long job of an app lies: regions are got one after another."""

    def __init__(self) -> None:
        self.count = 0  # of jobs so far: a popover named by it closes when the next one begins
        self._lock = threading.Lock()
        self._job: Job[str] | None = None

    @property
    def job(self) -> Job[str] | None:
        """The job that runs or ran last; None where there is none, or it was put away."""
        return self._job

    @property
    def is_busy(self) -> bool:
        """Whether a job runs."""
        job = self._job
        return job is not None and job.is_running

    def begin(
        self,
        title: str,
        errand: Callable[[Progress], str],
        *,
        about: str,
        accept: Callable[[], bool] | None = None,
    ) -> bool:
        """Begin a job whose result is a sentence; return False where one runs already."""
        with self._lock:
            if self.is_busy:
                return False
            self._job = Job(title, errand, about=about, accept=accept)
            self.count += 1
            return True

    def put_away(self) -> None:
        """Forget a job that has ended."""
        with self._lock:
            if not self.is_busy:
                self._job = None


JOB_QUEUE = JobQueue()
"""The desk of this process; all visitors see the same."""

T = TypeVar("T")
State = Literal["waiting", "running", "done", "failed"]
SolverProgress = Callable[[float, float, float], bool]

_SLOTS = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))
_POLL_S = 0.1


class PlanJob(Generic[T]):
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
        self, work: Callable[[PlanJob[T]], T], *, is_wanted: Callable[[], bool] = lambda: True
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
            while not _SLOTS.acquire(timeout=_POLL_S):
                if self._stop.is_set() or not self._is_wanted():
                    self.state = "failed"
                    return
            try:
                self.state = "running"
                self.result = self._work(self)
                self.state = "done"
            finally:
                _SLOTS.release()
        except CrossroadsError as error:
            self.error, self.state = str(error), "failed"
        except Exception:  # a page must not wait for ever for a thread that died
            logging.getLogger(__name__).exception("a job failed")
            self.state = "failed"
        finally:
            self._ended.set()


def session_check() -> Callable[[], bool]:
    """Return what says whether the visitor of the page that runs is still there."""
    running = get_script_run_ctx(suppress_warning=True)
    session = running.session_id if running else ""
    return lambda: not Runtime.exists() or Runtime.instance().is_active_session(session)
