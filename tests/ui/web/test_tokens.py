from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from geo.ui.web.tokens import LIFETIME_S, TokenStore


@dataclass
class Clock:
    now_s: float = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sessions() -> set[str]:
    return {"s1", "s2"}


@pytest.fixture
def store(clock: Clock, sessions: set[str]) -> TokenStore:
    return TokenStore(is_alive=lambda session: session in sessions, clock=clock)


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine in a thread of its own: the browser's tests keep a loop running in this."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def read(store: TokenStore, token: str, *, browser: str) -> bytes | None:
    content: bytes | None = run(store.read(token, browser=browser))
    return content


def test_what_was_published_is_read_by_its_browser_alone(store: TokenStore) -> None:
    token = store.publish(b"bands", session="s1", browser="mine")
    assert read(store, token, browser="mine") == b"bands"
    assert read(store, token, browser="yours") is None
    assert read(store, token, browser="") is None
    assert read(store, "guess", browser="mine") is None


def test_a_token_ends_with_its_time(store: TokenStore, clock: Clock) -> None:
    token = store.publish(b"bands", session="s1", browser="mine")
    clock.now_s += LIFETIME_S - 0.001
    assert read(store, token, browser="mine") == b"bands"
    clock.now_s += 0.001
    assert read(store, token, browser="mine") is None


def test_a_token_ends_with_its_session(store: TokenStore, sessions: set[str]) -> None:
    token = store.publish(b"bands", session="s1", browser="mine")
    sessions.remove("s1")
    assert read(store, token, browser="mine") is None


def test_the_same_content_keeps_its_token_and_lives_longer(store: TokenStore, clock: Clock) -> None:
    first = store.publish(b"bands", session="s1", browser="mine")
    clock.now_s += LIFETIME_S - 1
    assert store.publish(b"bands", session="s1", browser="mine") == first
    clock.now_s += LIFETIME_S - 1
    assert read(store, first, browser="mine") == b"bands"
    assert store.publish(b"other", session="s1", browser="mine") != first
    assert store.publish(b"bands", session="s2", browser="mine") != first
    assert store.publish(b"bands", session="s1", browser="other") != first


def test_a_session_keeps_its_last_ones(store: TokenStore) -> None:
    stays = store.publish(b"yours", session="s2", browser="b")
    tokens = [store.publish(b"%d" % i, session="s1", browser="b") for i in range(20)]
    assert len(store) == 9
    assert [read(store, token, browser="b") is None for token in tokens] == [True] * 12 + [
        False
    ] * 8
    assert read(store, stays, browser="b") == b"yours"


def test_what_ended_is_forgotten(store: TokenStore, clock: Clock) -> None:
    for i in range(5):
        store.publish(b"%d" % i, session=f"s{i}", browser="b")
    clock.now_s += LIFETIME_S
    store.publish(b"new", session="s1", browser="b")
    assert len(store) == 1


def test_a_token_is_long_and_fit_for_an_address(store: TokenStore) -> None:
    tokens = {store.publish(b"%d" % i, session=str(i), browser="b") for i in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)


def test_who_asks_for_what_is_promised_waits_for_it(store: TokenStore) -> None:
    may_go_on = threading.Event()

    def make() -> bytes:
        assert may_go_on.wait(timeout=30)
        return b"bands"

    token = store.promise(make, of="here", session="s1", browser="mine")
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(read, store, token, browser="mine")
        assert read(store, token, browser="yours") is None  # a stranger learns nothing by waiting
        assert not asked.done()
        may_go_on.set()
        assert asked.result() == b"bands"


def test_what_is_promised_again_is_not_made_again(store: TokenStore) -> None:
    made: list[str] = []

    def promise(of: str, session: str = "s1") -> str:
        def make() -> bytes:
            made.append(of)
            return of.encode()

        token = store.promise(make, of=of, session=session, browser="mine")
        assert read(store, token, browser="mine") == of.encode()
        return token

    first = promise("here")
    assert promise("there") != first
    assert promise("here") == first
    assert promise("here", session="s2") != first
    assert made == ["here", "there", "here"]


def test_what_could_not_be_made_is_told_and_tried_again(store: TokenStore) -> None:
    def fail() -> bytes:
        raise MemoryError("too large")

    token = store.promise(fail, of="here", session="s1", browser="mine")
    with pytest.raises(MemoryError, match="too large"):
        read(store, token, browser="mine")
    again = store.promise(lambda: b"bands", of="here", session="s1", browser="mine")
    assert again != token
    assert read(store, again, browser="mine") == b"bands"


def test_what_is_promised_next_comes_to_whoever_asked_before(store: TokenStore) -> None:
    token = store.reserve(session="s1", browser="mine")
    assert store.reserve(session="s1", browser="mine") == token
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(read, store, token, browser="mine")
        assert read(store, token, browser="yours") is None
        assert store.promise(lambda: b"bands", of="here", session="s1", browser="mine") == token
        assert asked.result() == b"bands"
    assert store.reserve(session="s1", browser="mine") != token


def test_what_is_reserved_is_for_its_own_session_and_browser_and_for_what_is_new(
    store: TokenStore,
) -> None:
    here = store.promise(lambda: b"bands", of="here", session="s1", browser="mine")
    token = store.reserve(session="s1", browser="mine")
    assert store.promise(lambda: b"bands", of="here", session="s1", browser="mine") == here
    assert store.promise(lambda: b"bands", of="there", session="s2", browser="mine") != token
    assert store.promise(lambda: b"bands", of="there", session="s1", browser="yours") != token
    assert store.promise(lambda: b"bands", of="there", session="s1", browser="mine") == token


def test_nobody_waits_for_ever_for_what_nobody_promises(store: TokenStore) -> None:
    store.patience_s = 0.01
    token = store.reserve(session="s1", browser="mine")
    assert read(store, token, browser="mine") is None
    store.promise(lambda: b"bands", of="here", session="s1", browser="mine")
    assert read(store, token, browser="mine") == b"bands"


def test_what_is_promised_may_take_longer_than_patience(store: TokenStore) -> None:
    store.patience_s = 0.01
    may_go_on = threading.Event()

    def make() -> bytes:
        assert may_go_on.wait(timeout=30)
        return b"bands"

    async def ask_and_wait(token: str) -> bytes | None:
        asked = asyncio.create_task(store.read(token, browser="mine"))
        await asyncio.wait([asked], timeout=0.05)
        assert not asked.done()
        may_go_on.set()
        return await asked

    token = store.promise(make, of="here", session="s1", browser="mine")
    assert run(ask_and_wait(token)) == b"bands"


def test_whoever_goes_away_takes_nothing_from_others(store: TokenStore) -> None:
    async def ask_and_go(token: str) -> None:
        asked = asyncio.create_task(store.read(token, browser="mine"))
        await asyncio.sleep(0)
        asked.cancel()

    token = store.reserve(session="s1", browser="mine")
    run(ask_and_go(token))
    assert store.promise(lambda: b"bands", of="here", session="s1", browser="mine") == token
    assert read(store, token, browser="mine") == b"bands"
