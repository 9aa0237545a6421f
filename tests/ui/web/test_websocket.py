from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from geo.errors import SetupError
from geo.ui.web.uploads import SessionQuota
from geo.ui.web.websocket import ANONYMOUS_BYTES, WebSocketMiddleware

CLOSED = {"type": "websocket.disconnect", "code": 1001}


def back(**fields: Any) -> bytes:
    return BackMsg(**fields).SerializeToString()


def operation(name: str) -> bytes:
    message = BackMsg()
    getattr(message.backend_operation_request, name).SetInParent()
    return message.SerializeToString()


class Page:
    """The app at the other end: it keeps what reaches it."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.code: int | None = None
        self.subprotocols = ""
        self._more = asyncio.Condition()

    async def reached(self, number: int) -> None:
        """Wait until so many messages have reached the page."""
        async with self._more:
            await self._more.wait_for(lambda: len(self.got) >= number)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.subprotocols = Headers(scope=scope).get("sec-websocket-protocol", "")
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.code = message["code"]
                return
            async with self._more:
                self.got.append(message["bytes"])
                self._more.notify_all()


def talk(
    messages: Sequence[bytes | str | Callable[[], None]],
    *,
    knows: Callable[[str], bool] | None = None,
    check_s: float = 15.0,
    until: int = 0,
) -> tuple[Page, list[Message]]:
    """Send messages to a page, call what can be called between them, and hang up.

    With ``until``, only once so many messages have reached the page.
    """
    page, sent = Page(), []
    script = iter(messages)
    policy = WebSocketMiddleware(
        page,
        sessions=SessionQuota(lambda _visitor: 9),
        visitor=lambda _scope: "me",
        knows=knows,
        check_s=check_s,
    )
    scope: Scope = {
        "type": "websocket",
        "path": "/_stcore/stream",
        "headers": [(b"cookie", b"a=b"), (b"sec-websocket-protocol", b"streamlit, xsrf, earlier")],
    }

    async def run() -> None:
        opened = False

        async def receive() -> Message:
            nonlocal opened
            if not opened:
                opened = True
                return {"type": "websocket.connect"}
            for message in script:
                if callable(message):
                    message()
                    continue
                kind = "text" if isinstance(message, str) else "bytes"
                return {"type": "websocket.receive", kind: message}
            await page.reached(until)
            return CLOSED

        async def send(message: Message) -> None:
            sent.append(message)

        await asyncio.wait_for(policy(scope, receive, send), 30)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, run()).result()
    return page, sent


def test_what_pages_send_passes() -> None:
    messages = [
        back(rerun_script={"query_string": "a=b"}),
        back(stop_script=True),
        back(app_heartbeat=True),
        back(file_urls_request={"request_id": "1"}),
        operation("deferred_file"),
        operation("dataframe_chunk"),
    ]
    page, sent = talk(messages)
    assert page.got == messages
    assert page.code == 1001
    assert [one["type"] for one in sent] == ["websocket.accept"]


@pytest.mark.parametrize(
    "message",
    [
        back(clear_cache=True),
        back(set_run_on_save=True),
        back(load_git_info=True),
        back(debug_disconnect_websocket=True),
        back(debug_shutdown_runtime=True),
        operation("install_skills"),
        operation("dismiss_skills_nudge"),
        b"",
    ],
)
def test_what_is_for_developers_reaches_nobody(message: bytes) -> None:
    after = back(stop_script=True)
    assert talk([message, after])[0].got == [after]
    assert talk([message, after], knows=lambda _cookie: True)[0].got == [after]


@pytest.mark.parametrize(
    ("message", "code"), [("text", 1003), (b"\xff\xff\xff", 1007), (b"\x0a\x05abc", 1007)]
)
def test_what_no_page_sends_ends_the_connection_with_one_line(
    message: bytes | str, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    page, sent = talk([message, back(stop_script=True)])
    assert (page.got, page.code) == ([], code)
    assert sent[-1] == {"type": "websocket.close", "code": code}
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is None


def test_strangers_send_short_messages() -> None:
    long = back(rerun_script={"query_string": "x" * ANONYMOUS_BYTES})
    assert talk([long], knows=lambda _cookie: False)[0].code == 1009
    assert talk([long], knows=lambda _cookie: True)[0].got == [long]
    assert talk([long])[0].got == [long]


CLICK = back(rerun_script={"query_string": "a=b", "page_script_hash": "p", "fragment_id": "f"})
PLAIN = back(rerun_script={"query_string": "a=b", "page_script_hash": "p"})


def test_an_ended_sign_in_leaves_a_click_nothing_but_the_door() -> None:
    alive = {"a=b"}
    page, _ = talk([CLICK, alive.clear, CLICK], knows=lambda cookie: cookie in alive)
    assert page.got == [CLICK, PLAIN]
    for request in (operation("deferred_file"), operation("dataframe_chunk")):
        alive = {"a=b"}
        page, _ = talk([alive.clear, CLICK, request], knows=alive.__contains__)
        assert page.got == [PLAIN]


def test_an_ended_sign_in_ends_a_page_that_nobody_clicks_in() -> None:
    answers = iter([True, True, True, False])
    page, _ = talk([], knows=lambda _cookie: next(answers, False), check_s=0.01, until=1)
    assert page.got == [back(rerun_script={})]


def test_who_is_let_in_by_the_first_run_goes_on() -> None:
    """A new sign-in lives once its page has run; a stranger's page is none that ended."""
    alive: set[str] = set()
    click = back(stop_script=True)
    page, _ = talk(
        [click, lambda: alive.add("a=b"), click, click], knows=lambda cookie: cookie in alive
    )
    assert (page.got, page.code) == ([click] * 3, 1001)
    assert talk([click, click], knows=lambda _cookie: False)[0].got == [click] * 2


def test_who_has_no_living_sign_in_gets_no_earlier_session() -> None:
    assert talk([])[0].subprotocols == "streamlit, xsrf, earlier"
    assert talk([], knows=lambda _cookie: True)[0].subprotocols == "streamlit, xsrf, earlier"
    assert talk([], knows=lambda _cookie: False)[0].subprotocols == "streamlit, xsrf"


def test_a_database_that_is_away_ends_nothing() -> None:
    """The page itself says so; whoever was let in is asked for again when it is back."""
    answers: Iterator[bool | SetupError] = iter([True, SetupError("away"), True])

    def knows(_cookie: str) -> bool:
        answer = next(answers)
        if isinstance(answer, SetupError):
            raise answer
        return answer

    click = back(stop_script=True)
    assert talk([click, click], knows=knows)[0].got == [click] * 2


def policy(limit: int, clock: Callable[[], float]) -> WebSocketMiddleware:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    return WebSocketMiddleware(
        app,
        sessions=SessionQuota(lambda _visitor: limit, clock),
        visitor=lambda scope: Headers(scope=scope).get("cookie", ""),
    )


def test_a_visitor_has_so_many_sessions_and_is_told(ask_app) -> None:
    now = [0.0]
    app = policy(3, lambda: now[0])

    def opens(cookie: str) -> bool:
        return ask_app(app, "/_stcore/stream", scheme="ws", cookie=cookie).status == 101

    html = {"accept": "text/html,*/*;q=0.8"}
    assert [opens("a=1") for _ in range(4)] == [True, True, True, False]
    refused = ask_app(app, "/", cookie="a=1", extra=html)
    assert refused.status == 429
    assert b"close some" in refused.body
    assert ask_app(app, "/_stcore/health", cookie="a=1").status == 200
    assert ask_app(app, "/", cookie="a=2", extra=html).status == 200
    assert opens("a=2")
    now[0] = 121.0
    assert opens("a=1")
    assert ask_app(app, "/", cookie="a=1", extra=html).status == 200
