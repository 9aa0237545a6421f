"""A page's WebSocket: how many there may be, what may pass, and errors of runs in plain words.

A page that stays open asks nothing until somebody clicks, and its session would outlive a sign-out
elsewhere. So the sign-in is looked up with each message and from time to time; when it has ended,
whatever the page asked for becomes one plain run, which shows where to sign in. (To hang up would
leave what is shown where it is: the browser connects again and asks for nothing.)

A database that goes away fails runs anywhere, in callbacks and fragments too: then the sentence of
the error is shown in place of a redacted one, and the log has it as one line. What is a fault of
ours stays as Streamlit has it: a traceback in the log alone.

Streamlit takes the type of a widget's value from the message instead of from the widget, so a
message that no page sends (text for a number, JSON that is none) fails in the run, in callbacks,
and again whenever the session is saved, each time with a traceback. Here the widget goes back to
the value that it begins with, with one log line, and nobody but the sender has anything of it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

import streamlit as st
from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import Serialized, Value, WStates
from uvicorn.protocols.websockets import websockets_sansio_impl
from websockets.server import ServerProtocol

from geo.errors import CrossroadsError, SetupError
from geo.texts import capitalise
from geo.ui.session_state import store_error
from geo.ui.web.uploads import SessionQuota
from geo.ui.widgets import escape_markdown

_LOGGER = "streamlit.error_util"
"""Where Streamlit logs what a page did not catch."""


def show_error(error: Exception) -> bool | None:
    """Show a visitor what went wrong; leave it to Streamlit where it is a fault of ours."""
    if not isinstance(error, CrossroadsError):
        return None
    if str(error) != store_error():  # which is said above every page
        with st.container(key="failed"):
            st.error(escape_markdown(capitalise(str(error))), icon=":material/error:")
    return True


def log_errors_without_traceback() -> None:
    """Have what somebody can mend logged without a traceback; once for the process."""
    logger = logging.getLogger(_LOGGER)
    if _without_traceback not in logger.filters:
        logger.addFilter(_without_traceback)


def _without_traceback(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, CrossroadsError):
        record.msg, record.args, record.exc_info = "a page failed: %s", (str(error),), None
    return True


_LOG = logging.getLogger(__name__)

ANONYMOUS_BYTES = 64 * 1024
"""The longest message of who is not signed in: all there is to press is a button."""

MESSAGE_BYTES = 1024 * 1024
"""The longest message of anybody: the states of a page's widgets; files come by another address."""

CHECK_S = 15.0
"""How often an open page's sign-in is looked up while nobody clicks."""

NEW_SESSION_CHECK_S = 2.0
"""How soon it is looked up whether a page's first run has let in who is new."""

_PERMITTED = frozenset({"rerun_script", "stop_script", "app_heartbeat", "file_urls_request"})
_OPERATIONS = frozenset({"deferred_file", "dataframe_chunk"})
"""What pages ask of the server; the rest empties the caches of everybody, or is for developers."""

_POLICY, _TOO_BIG, _MALFORMED, _NO_TEXT = 1008, 1009, 1007, 1003
"""Status codes of RFC 6455, section 7.4.1."""

_TOO_MANY = (
    "You have too many pages of Crossroads open, or opened too many in the last few minutes; close"
    " some, and try again in two minutes."
)


class _ShortMessages(ServerProtocol):
    """A WebSocket that refuses a frame by the length in its header, before the rest has come."""

    _limit_bytes = MESSAGE_BYTES

    @property
    def max_message_size(self) -> int:
        """The longest message in bytes; what the server asks for, but no more than ours."""
        return self._limit_bytes

    @max_message_size.setter
    def max_message_size(self, value: int | None) -> None:
        self._limit_bytes = min(value or MESSAGE_BYTES, MESSAGE_BYTES)


def limit_messages() -> None:
    """Have the server hold no more than `MESSAGE_BYTES` of a message; once for the process.

    ``server.maxMessageSize`` is the limit of what pages are sent, too, and must be longer. It
    cannot be shorter for strangers: the server fixes the limit of a connection's first frame
    before the app hears of the connection.
    """
    setattr(websockets_sansio_impl, "ServerProtocol", _ShortMessages)  # noqa: B010 - not exported


class WebSocketMiddleware:
    """ASGI middleware around the WebSockets of pages.

    Parameters
    ----------
    app
        What they lead to.
    sessions
        How many each visitor may have.
    visitor
        Returns who sends a request.
    knows
        As for `geo.ui.web.security.SecurityMiddleware`; None for an app without sign-in.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        sessions: SessionQuota,
        visitor: Callable[[Scope], str],
        knows: Callable[[str], bool] | None = None,
        check_s: float = CHECK_S,
    ) -> None:
        self.app = app
        self.sessions = sessions
        self.visitor = visitor
        self.knows = knows
        self.check_s = check_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a session too many; watch over the others."""
        if scope["type"] != "websocket" and not _is_page(scope):
            await self.app(scope, receive, send)
            return
        visitor = self.visitor(scope)
        if self.sessions.is_used_up(visitor):
            await _refuse(scope, receive, send)
        elif scope["type"] == "http":
            await self.app(scope, receive, send)
        else:
            with self.sessions.opened(visitor):
                await self._connect(scope, receive, send)

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        sign_in = _SignInStatus(self.knows, Headers(scope=scope).get("cookie", ""))
        if not await sign_in.is_alive():
            scope = {**scope, "headers": _without_session(scope)}
        connection = _Connection(receive, send, sign_in, self.check_s)
        try:
            await self.app(scope, connection.receive, connection.send)
        finally:
            connection.close()


class _SignInStatus:
    """The sign-in that a WebSocket was opened with."""

    def __init__(self, knows: Callable[[str], bool] | None, cookie: str) -> None:
        self._knows = knows
        self._cookie = cookie
        self.was_alive = knows is None

    async def is_alive(self) -> bool:
        """Return whether it lives; as before where the store cannot be asked.

        One that is new lives from the first run of its page on, which lets it in.
        """
        if self._knows is None:
            return True
        try:
            alive = await run_in_threadpool(self._knows, self._cookie)
        except SetupError:
            return self.was_alive  # the page itself says that the database is away
        self.was_alive = alive
        return alive

    async def has_ended(self) -> bool:
        """Return whether it lived when it was asked last, and does not any more."""
        before = self.was_alive
        return not await self.is_alive() and before


class _Connection:
    """One WebSocket, between the server and the app."""

    def __init__(
        self, receive: Receive, send: Send, sign_in: _SignInStatus, check_s: float
    ) -> None:
        self._receive = receive
        self._send = send
        self._sign_in = sign_in
        self._check_s = check_s
        self._next: asyncio.Future[Message] | None = None
        self._ended = False

    async def receive(self) -> Message:
        """Return the next message that may pass; the end where one may not."""
        while True:
            message = await self._arrived()
            if message is not None and message["type"] != "websocket.receive":
                return message
            if await self._sign_in.has_ended():
                return _to_message(_rerun_only(message))
            if message is None:
                continue
            if code := self._fault(message):
                return await self._end(code)
            if _is_permitted(message["bytes"], operations=self._sign_in.was_alive):
                return message

    async def send(self, message: Message) -> None:
        """Pass a message of the app on, while there is somebody to read it."""
        if not self._ended:
            await self._send(message)

    def close(self) -> None:
        """Wait for nothing more."""
        if self._next is not None:
            self._next.cancel()

    async def _arrived(self) -> Message | None:
        """Return the next message; None where none has come for a while."""
        if self._next is None:
            self._next = asyncio.ensure_future(self._receive())
        wait_s = (
            self._check_s if self._sign_in.was_alive else min(NEW_SESSION_CHECK_S, self._check_s)
        )
        done, _ = await asyncio.wait([self._next], timeout=wait_s)
        if not done:
            return None
        message, self._next = self._next.result(), None
        return message

    def _fault(self, message: Message) -> int | None:
        """Return the code that a message ends the connection with; None where it is sound."""
        data = message.get("bytes")
        if data is None:
            return _NO_TEXT
        if len(data) > ANONYMOUS_BYTES and not self._sign_in.was_alive:
            return _TOO_BIG
        try:
            BackMsg.FromString(data)
        except DecodeError:
            return _MALFORMED
        return None

    async def _end(self, code: int) -> Message:
        _LOG.warning("closed a WebSocket that sent what no page sends (code %d)", code)
        self._ended = True
        await self._send({"type": "websocket.close", "code": code})
        return {"type": "websocket.disconnect", "code": code}


def _is_permitted(data: bytes, *, operations: bool) -> bool:
    """Return whether a message is one that pages send, or those of who is signed in."""
    message = BackMsg.FromString(data)
    kind = message.WhichOneof("type")
    if kind == "backend_operation_request":
        return operations and message.backend_operation_request.WhichOneof("payload") in _OPERATIONS
    return kind in _PERMITTED


def _rerun_only(message: Message | None) -> BackMsg:
    """Return what asks for a run of the page that a message is from, and for nothing else."""
    plain = BackMsg()
    plain.rerun_script.SetInParent()
    with suppress(DecodeError):
        asked = BackMsg.FromString((message or {}).get("bytes") or b"").rerun_script
        plain.rerun_script.query_string = asked.query_string
        plain.rerun_script.page_script_hash = asked.page_script_hash
    return plain


def _to_message(asked: BackMsg) -> Message:
    return {"type": "websocket.receive", "bytes": asked.SerializeToString()}


def _is_page(scope: Scope) -> bool:
    """Return whether a browser asks for a page to show, which will open a session."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return False
    return "text/html" in Headers(scope=scope).get("accept", "")


def _without_session(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the headers of a WebSocket that asks for no earlier session.

    Streamlit's page names the session that it had as the third of its subprotocols.
    """
    name = b"sec-websocket-protocol"
    return [
        (key, b",".join(value.split(b",")[:2]) if key == name else value)
        for key, value in scope["headers"]
    ]


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" or "websocket.http.response" in scope.get("extensions", {}):
        await PlainTextResponse(_TOO_MANY, 429, {"Retry-After": "120"})(scope, receive, send)
    else:
        await send({"type": "websocket.close", "code": _POLICY})


_NUMBERS = frozenset({"int_value", "double_value"})
"""One widget sends either: a box for whole numbers says that it holds the other."""

_JSON = frozenset({"json_value", "json_trigger_value"})


def drop_invalid_widget_values() -> None:
    """Have Streamlit leave out what a widget cannot have; once for the process."""
    read = WStates.__getitem__
    if hasattr(read, "__wrapped__"):
        return

    @wraps(read)
    def checked(states: WStates, key: str) -> Any:
        state, metadata = states.states.get(key), states.widget_metadata.get(key)
        if not isinstance(state, Serialized) or metadata is None:
            return read(states, key)
        try:
            if _is_valid_value(state.value, metadata.value_type) and _is_offered(
                state.value, metadata.deserializer
            ):
                return read(states, key)
        except Exception:  # noqa: BLE001 - whatever a deserializer makes of it, it is no value
            _LOG.debug("a deserializer failed", exc_info=True)
        _LOG.warning("ignored a value that a widget cannot have")
        # Replaced and not deleted: Streamlit may be walking over the values at this moment.
        states.states[key] = Value(metadata.deserializer(None))
        return read(states, key)

    WStates.__getitem__ = checked  # type: ignore[method-assign]


def _is_valid_value(state: WidgetState, value_type: str) -> bool:
    """Return whether a value is of a widget's type; one that was cleared is."""
    sent = state.WhichOneof("value")
    if sent == value_type and sent in _JSON and isinstance(json.loads(getattr(state, sent)), str):
        return False  # a component's value is no text, and Streamlit would read it as JSON again
    return sent in {None, value_type} or {sent, value_type} == _NUMBERS


def _is_offered(state: WidgetState, deserializer: Any) -> bool:
    """Return whether what was chosen is among a widget's options; True where it has none.

    Streamlit compares them too, but only once the widget is drawn: callbacks, and code that reads
    the session's state before, would have what nobody offered.
    """
    serde = getattr(deserializer, "__self__", None)
    offered: dict[str, int] | None = getattr(serde, "formatted_option_to_option_index", None)
    if offered is None:
        return True
    match state.WhichOneof("value"):
        case "string_value":
            return state.string_value in offered
        case "string_array_value":
            return all(one in offered for one in state.string_array_value.data)
    return True
