"""Where the basemap of a region is drawn: in this process, or beside it in a second one.

Drawing takes as long as all else that a build does, and needs none of it but the region's box. So
with a large extract a second process reads and draws while the first makes roads, places and names;
with a small one starting it would cost more than it saves. It is told the box as soon as that is
known, and ends at once where whoever started it is gone. By the time that it makes tiles the first
one has little left to do, so it shares them with a third (`geo.region.basemap.worker`).
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from geo.model import BBox
from geo.region.basemap.collector import BasemapCollector
from geo.region.basemap.tiler import Progress
from geo.region.basemap.worker import Worker, ended
from geo.region.garbage import no_search_for_garbage
from geo.region.objects import Collector
from geo.region.process import answer_of, say, start_python, tell

Reading = Callable[[Sequence[Collector]], object]
"""Shows an extract to collectors; a function of a module, or a `functools.partial` of one."""

_LARGE_BYTES = 6_000_000
"""From what size of extract on a second process pays."""

_MAIN = "from geo.region.basemap.drawing import serve; serve()"


class Drawing(Protocol):
    """A basemap in the making.

    Attributes
    ----------
    collectors
        What this process is to show the extract to.
    """

    @property
    def collectors(self) -> Sequence[Collector]:
        """Return the collectors."""

    def bound(self, bbox: BBox) -> None:
        """Tell the box to draw, as soon as it is known."""

    def finish(self, progress: Progress) -> None:
        """Draw what was read, and wait for it.

        Raises
        ------
        SetupError
            The second process was ended from outside.
        """


@contextmanager
def draw(read: Reading, path: Path, *, source_bytes: int) -> Iterator[Drawing]:
    """Begin to draw a basemap, and give up on it where the block is left before it is finished.

    Parameters
    ----------
    read
        How the extract is read.
    path
        The file to write.
    source_bytes
        The size of the extract.
    """
    if source_bytes < _LARGE_BYTES or (os.cpu_count() or 1) < 2 or not sys.executable:
        yield _Here(path)
        return
    with start_python(_MAIN) as process:
        try:
            yield _Beside(process, read, path)
        finally:
            process.kill()


class _Here:
    """Draws in this process, from the same reading as everything else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._collector = BasemapCollector()
        self._bbox: BBox | None = None
        self.collectors = (self._collector,)

    def bound(self, bbox: BBox) -> None:
        self._bbox = bbox

    def finish(self, progress: Progress) -> None:
        self._collector.write(self._path, box=lambda: self._bbox, progress=progress)


class _Beside:
    """Has a second process read and draw."""

    collectors = ()

    def __init__(self, process: subprocess.Popen[bytes], read: Reading, path: Path) -> None:
        self._process = process
        tell(process, (read, path))

    def bound(self, bbox: BBox) -> None:
        tell(self._process, bbox)

    def finish(self, progress: Progress) -> None:
        while (answer := self._answer()) is not None:
            progress(answer)

    def _answer(self) -> float | None:
        """Return the fraction that is done; None where all of it is."""
        try:
            answer: float | None = answer_of(self._process)
        except EOFError as error:
            raise ended() from error
        return answer


def serve() -> None:
    """Do the work that stands on standard input; the program of the second process."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us decides
    told, answers = os.fdopen(0, "rb"), os.fdopen(1, "wb")
    try:
        with no_search_for_garbage():
            _draw(told, lambda answer: say(answer, answers))
    except BaseException as error:  # noqa: BLE001 - whoever started us is to raise it
        say(error, answers)
    os._exit(0)  # and wait for nobody: the input is still being watched


def _draw(told: BinaryIO, say: Callable[[object], None]) -> None:
    read, path = pickle.load(told)  # noqa: S301 - from whoever started us
    box = _Box(told)
    collector = BasemapCollector()
    read([collector])
    with Worker() as worker:
        collector.write(path, box=box.wait, progress=say, share=worker.map)
    say(None)


class _Box:
    """Waits for the box beside the reading, and then for the end of whoever is to give it."""

    def __init__(self, told: BinaryIO) -> None:
        self._told = told
        self._bbox: BBox | None = None
        self._known = threading.Event()
        threading.Thread(target=self._watch, daemon=True).start()

    def wait(self) -> BBox | None:
        """Return the box once it is known."""
        self._known.wait()
        return self._bbox

    def _watch(self) -> None:
        try:
            self._bbox = pickle.load(self._told)  # noqa: S301 - from whoever started us
        except (EOFError, pickle.UnpicklingError):
            os._exit(1)
        self._known.set()
        self._told.read()
        os._exit(1)
