"""What may block for long is done aside, in a thread of its own, so that waiting can be stopped.

A name that is looked up, a connection that is made and a server that is silent cannot be broken off
in Python by whoever waits for them. So a thread waits, and whoever wants its result is asked every
quarter of a second whether they still do; if not, the thread is left to end by its own limits.

Time, handed in: what waits or counts seconds takes a clock, so that nothing must be waited for.

Waits are slept in short steps and told at each, so that whoever asked may stop by raising. Where
there is nothing to tell, as while a server is silent, whoever asked is only asked whether to go on.
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

_LOOK_S = 0.25
_AHEAD = 4
"""How many parts are taken before somebody wants them."""


class _Act(Generic[Result]):
    """An act in a thread of its own.

    Attributes
    ----------
    result
        What it returned; None until then.
    error
        What it raised; None where it did not.
    """

    def __init__(self, act: Callable[[], Result], leave: Callable[[Result], None]) -> None:
        self.result: Result | None = None
        self.error: BaseException | None = None
        self._act = act
        self._leave = leave
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._is_left = False
        threading.Thread(target=self._run, name="aside", daemon=True).start()

    def wait(self, attend: Callable[[], None]) -> Result:
        """Wait for its end; leave it alone where ``attend`` raises."""
        try:
            while not self._is_over.wait(_LOOK_S):
                attend()
        except BaseException:
            self._abandon()
            raise
        if self.error is not None:
            raise self.error
        return self.result  # type: ignore[return-value]  # it is over, without an error

    def _run(self) -> None:
        try:
            self.result = self._act()
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            self.error = error
        with self._lock:
            self._is_over.set()
            if self._is_left and self.result is not None:
                self._leave(self.result)

    def _abandon(self) -> None:
        with self._lock:
            self._is_left = True
            if self._is_over.is_set() and self.result is not None:
                self._leave(self.result)


def awaited(
    act: Callable[[], Result], attend: Callable[[], None], *, leave: Callable[[Result], None]
) -> Result:
    """Return what an act returns, or raise what it raises.

    Parameters
    ----------
    act
        May block.
    attend
        Called four times a second meanwhile; may raise to wait no longer.
    leave
        Is given what the act returns when nobody waits for it any more.
    """
    return _Act(act, leave).wait(attend)


def flowing(
    parts: Iterator[bytes], attend: Callable[[], None], *, leave: Callable[[], None]
) -> Generator[bytes]:
    """Yield parts as they come.

    Parameters
    ----------
    parts
        Each may block.
    attend
        Called four times a second while nothing comes; may raise to wait no longer.
    leave
        Called when nobody wants more while some may still come; lets the next part not block.

    Yields
    ------
    bytes
        What ``parts`` yields; what it raises is raised here.
    """
    queue: Queue[bytes | BaseException | None] = Queue(_AHEAD)
    is_left = threading.Event()

    def run() -> None:
        last: BaseException | None = None
        try:
            for part in parts:
                if not _put(queue, part, is_left):
                    return
        except BaseException as error:  # noqa: BLE001 - raised where it is waited for
            last = error
        _put(queue, last, is_left)

    thread = threading.Thread(target=run, name="aside", daemon=True)
    thread.start()
    try:
        while isinstance(part := _get(queue, attend), bytes):
            yield part
    except BaseException:  # not wanted any more, and not at its end
        is_left.set()
        leave()
        raise
    finally:
        thread.join(_LOOK_S)
    if part is not None:
        raise part


def _get(
    queue: Queue[bytes | BaseException | None], attend: Callable[[], None]
) -> bytes | BaseException | None:
    """Return the next part, the error at the end, or None for the end."""
    while True:
        try:
            return queue.get(timeout=_LOOK_S)
        except Empty:
            attend()


def _put(
    queue: Queue[bytes | BaseException | None],
    part: bytes | BaseException | None,
    is_left: threading.Event,
) -> bool:
    """Hand over a part; return False where nobody wants it any more."""
    while not is_left.is_set():
        try:
            queue.put(part, timeout=_LOOK_S)
        except Full:
            continue
        return True
    return False


Told = Callable[[str, float], None]
"""Called with what is being done, in words, and the fraction that is done; may raise to stop."""

_STEP_S = 0.5


def no_progress(_said: str, _done: float) -> None:
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
