"""Asking an Overpass server, politely, and believing only what it answered whole.

One question at a time, of all processes that share a folder; only when the server has a slot; with
limits of time and memory set. What was too much (see `geo.online.verdict`) is asked for again by
smaller boxes; what is still missing then is told. Whole answers are kept, so that what was stopped
or killed goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from geo.disk import disk_errors
from geo.errors import BadAnswer, Interrupted, OnlineError, Refused, ServiceBusy
from geo.model import BBox
from geo.online.cache import AnswerCache
from geo.online.clock import Told, untold
from geo.online.errand import Errand, Fetched
from geo.online.exchange import Answer, Limits, Question
from geo.online.hosts import host_of
from geo.online.patience import Patience
from geo.online.queries import Wish
from geo.online.session import Client, TooLarge
from geo.online.slots import slot_wait_s
from geo.online.turn import taking_turns
from geo.online.verdict import NoMetadata, TooMuch, whole
from geo.world_grid import from_the_middle

ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"

_MOST_BYTES = 64 << 20
_QUEUE_S = 30.0
"""What a server may let a question wait before it begins, and take to send the answer."""

_STATUS_LIMITS = Limits(most_bytes=1 << 16, total_s=20, idle_s=15)
_KEPT = timedelta(days=2)
_OFTEN_ENOUGH = 2


class Overpass:
    """Asks one Overpass server.

    Parameters
    ----------
    client
        Sends the questions.
    url
        The server's interpreter, ending in ``/api/interpreter``.
    cache
        Keeps the answers.
    folder
        Where the lock of all processes lies.
    """

    def __init__(self, client: Client, url: str, *, cache: AnswerCache, folder: Path) -> None:
        self._client = client
        self._url = url
        self._host = host_of(url)
        self._cache = cache
        self._folder = folder
        self._has_status = True
        self._has_meta = True

    def fetch(
        self,
        boxes: Sequence[BBox],
        wish: Wish,
        folder: Path,
        *,
        younger_than: timedelta = timedelta(hours=1),
        progress: Told = untold,
    ) -> Fetched:
        """Ask about some boxes, and write the answers into a folder.

        Parameters
        ----------
        boxes
            Boxes of a fixed grid.
        wish
            What to ask for.
        folder
            Where the answers are written.
        younger_than
            The greatest age at which an answer that is kept will do.
        progress
            Is told what goes on; may raise to stop.

        Raises
        ------
        NoContact
            The server is a public one and nobody said who asks.
        OnlineError
            Nothing at all was answered.
        SetupError
            The disk is full or may not be written.
        """
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        errand = Errand(from_the_middle(boxes), wish, progress)
        while errand.left:
            group = errand.left.popleft()
            try:
                answer = self._answer(errand, group, younger_than)
            except (TooMuch, TooLarge) as error:
                errand.narrow(group, error)
            except (ServiceBusy, Interrupted, Refused) as error:
                self._come_back(errand, group, error)
            except OnlineError as error:
                errand.give_up(group, error)
            else:
                errand.take(group, answer, folder)
        return errand.finish(self._host)

    def _answer(self, errand: Errand, group: tuple[BBox, ...], younger_than: timedelta) -> Answer:
        """Return the whole answer about a group of boxes, from the cache or the server."""
        try:
            return self._asked(errand, group, younger_than)
        except NoMetadata:
            if not self._has_meta:
                raise
        self._has_meta = False
        return self._asked(errand, group, younger_than)

    def _asked(self, errand: Errand, group: tuple[BBox, ...], younger_than: timedelta) -> Answer:
        query = errand.wish_for(group).query(group, has_meta=self._has_meta)
        question = Question(self._url, form={"data": query})
        kept = self._cache.get(question, younger_than=younger_than)
        if kept is not None:
            return kept
        limit_s = errand.wish.timeout_s + _QUEUE_S
        errand.tell(f"asking {self._host}")
        with self._alone(errand):
            self._wait_for_slot(errand)
            errand.tell(f"asking {self._host}")
            answer = self._client.ask(question, Limits(_MOST_BYTES, 2 * limit_s, limit_s))
        answer = whole(self._client, question, answer)
        self._cache.put(question, answer, keep=_KEPT)
        errand.patience.calm()
        return answer

    def _come_back(
        self, errand: Errand, group: tuple[BBox, ...], error: ServiceBusy | Interrupted | Refused
    ) -> None:
        """Wait before asking again; ask for less where the answer broke off time and again."""
        if isinstance(error, Interrupted) and errand.breaks(group) >= _OFTEN_ENOUGH:
            errand.narrow(group, error)
            return
        wait_s = errand.patience.next_s(getattr(error, "retry_after_s", None))
        if wait_s is None:
            errand.give_up(group, error)
            return
        errand.left.appendleft(group)
        self._wait(errand, wait_s, str(error).partition(";")[0])

    def _wait_for_slot(self, errand: Errand) -> None:
        """Wait until the server has a slot; a server that does not tell is asked at once.

        Raises
        ------
        ServiceBusy
            It has none for too long.
        """
        while self._has_status:
            try:
                answer = self._client.ask(Question(self._status_url), _STATUS_LIMITS)
                self._client.raise_for_status(answer)
            except BadAnswer:
                self._has_status = False  # a server of one's own that has none
                return
            except (Interrupted, ServiceBusy, Refused):
                return
            self._has_status = not answer.is_html
            wait_s = slot_wait_s(answer.text) if self._has_status else 0.0
            if not wait_s:
                return
            if not errand.patience.spend(wait_s):
                raise ServiceBusy(f"{self._host} had no free slot; try again later.")
            self._wait(errand, wait_s, f"waiting for a free slot at {self._host}")

    @property
    def _status_url(self) -> str:
        parts = urlsplit(self._url)
        path = parts.path.rstrip("/").removesuffix("interpreter")
        return parts._replace(path=f"{path}status").geturl()

    def _alone(self, errand: Errand) -> AbstractContextManager[None]:
        """Hold the right to ask: of all processes, only one asks at a time."""
        return taking_turns(
            self._folder / "overpass.lock",
            self._client.clock,
            longest_s=Patience().total_s,
            busy="another process is asking OpenStreetMap; try again when it has finished.",
            tell=lambda: errand.tell("another process is asking; waiting for it"),
        )

    def _wait(self, errand: Errand, wait_s: float, why: str) -> None:
        self._client.clock.wait(
            wait_s, lambda left_s: errand.tell(f"{why}; asking again in {left_s:.0f} s")
        )
