"""Progress and cancellation: how long work reports how far it is, and how its caller stops it.

A caller stops work by raising from one of two callbacks that it hands in: `Progress`, called where
there is something to report, or ``check_cancelled``, called several times a second where there is
not, as while a server is silent. Python cannot break off a look-up of a name, a connection or a
read; so what may block runs in a thread (`run_cancellable`, `iter_cancellable`), and whoever waits
for it can leave it to end by its own limits. Waits take a `Clock`, so that tests wait for nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, Full, Queue
from typing import Generic, TypeVar

Result = TypeVar("Result")

Progress = Callable[[str, float], None]
"""Called with what is being done, in words, and the fraction that is done; may raise to stop."""

_POLL_S = 0.25
_STEP_S = 0.5
_AHEAD = 4
"""How many parts are read before somebody wants them."""


def no_progress(_step: str, _done: float) -> None:
    """Report nothing."""


def subprogress(progress: Progress, start: float, end: float, prefix: str = "") -> Progress:
    """Return the callback for a part of some work: its fractions run from ``start`` to ``end``.

    Examples
    --------
    >>> subprogress(lambda step, done: print(step, done), 0.5, 1.0, "second: ")("reading", 0.5)
    second: reading 0.75
    """
    return lambda step, done: progress(f"{prefix}{step}", start + (end - start) * done)


def never_cancelled() -> None:
    """Go on."""


class _Call(Generic[Result]):
    """A call in a thread of its own."""

    def __init__(
        self, function: Callable[[], Result], discard: Callable[[Result], object] | None
    ) -> None:
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._function = function
        self._discard = discard
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._is_abandoned = False
        threading.Thread(target=self._run, name="cancellable", daemon=True).start()

    def wait(self, check_cancelled: Callable[[], None]) -> Result:
        try:
            while not self._is_over.wait(_POLL_S):
                check_cancelled()
        except BaseException:
            with self._lock:
                self._is_abandoned = True
                self._discard_result()
            raise
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # it is over, without an error

    def _run(self) -> None:
        try:
            self._result = self._function()
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self._error = error
        with self._lock:
            self._is_over.set()
            if self._is_abandoned:
                self._discard_result()

    def _discard_result(self) -> None:
        """Dispose of a result that came too late, or while its caller was stopping."""
        if self._is_over.is_set() and self._result is not None and self._discard is not None:
            self._discard(self._result)


def run_cancellable(
    function: Callable[[], Result],
    check_cancelled: Callable[[], None],
    *,
    discard: Callable[[Result], object] | None = None,
) -> Result:
    """Return what a function that may block returns, or raise what it raises.

    ``check_cancelled`` is called four times a second meanwhile, and may raise to wait no longer;
    what the function returns then is given to ``discard``, as to close it.
    """
    return _Call(function, discard).wait(check_cancelled)


def iter_cancellable(
    parts: Iterator[bytes], check_cancelled: Callable[[], None], *, close: Callable[[], None]
) -> Generator[bytes]:
    """Yield parts, each of which may block, as they come; raise what their iterator raises.

    ``check_cancelled`` is called four times a second while nothing comes, and may raise to wait no
    longer; ``close`` lets the next part not block, where nobody wants more while some may come.
    """
    queue: Queue[bytes | BaseException | None] = Queue(_AHEAD)
    is_abandoned = threading.Event()

    def run() -> None:
        last: BaseException | None = None
        try:
            for part in parts:
                if not _put(queue, part, is_abandoned):
                    return
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            last = error
        _put(queue, last, is_abandoned)

    thread = threading.Thread(target=run, name="cancellable", daemon=True)
    thread.start()
    try:
        while isinstance(part := _get(queue, check_cancelled), bytes):
            yield part
    except BaseException:  # not wanted any more, and not at its end
        is_abandoned.set()
        close()
        raise
    finally:
        thread.join(_POLL_S)
    if part is not None:
        raise part


def _get(
    queue: Queue[bytes | BaseException | None], check_cancelled: Callable[[], None]
) -> bytes | BaseException | None:
    """Return the next part, the error at the end, or None for the end."""
    while True:
        try:
            return queue.get(timeout=_POLL_S)
        except Empty:
            check_cancelled()


def _put(
    queue: Queue[bytes | BaseException | None],
    part: bytes | BaseException | None,
    is_abandoned: threading.Event,
) -> bool:
    """Hand over a part; return False where nobody wants it any more."""
    while not is_abandoned.is_set():
        try:
            queue.put(part, timeout=_POLL_S)
        except Full:
            continue
        return True
    return False


@dataclass(frozen=True, slots=True)
class Clock:
    """Where seconds come from: ``epoch_s`` since 1970, ``monotonic_s`` such as never run back.

    ``check_cancelled`` is called again and again while something is waited for; it may raise to
    stop.
    """

    epoch_s: Callable[[], float] = time.time
    monotonic_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    check_cancelled: Callable[[], None] = never_cancelled

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.fromtimestamp(self.epoch_s(), UTC)

    def wait(self, seconds: float, report: Callable[[float], None] = lambda _left_s: None) -> None:
        """Wait in short steps; ``report`` gets the seconds left and may raise to stop."""
        left_s = seconds
        while left_s > 0:
            self.check_cancelled()
            report(left_s)
            step_s = min(_STEP_S, left_s)
            self.sleep(step_s)
            left_s -= step_s


SYSTEM_CLOCK = Clock()
"""The computer's own clock."""
