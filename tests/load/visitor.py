"""A visitor who speaks Streamlit's protocol: protobuf messages over one WebSocket.

It does what the browser does between a click and the answer: sends what was clicked, reads until
the run has finished, and fetches the bands that the new scene names.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import requests
from streamlit.components.v2.bidi_component.main import _make_trigger_id
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

_LONGEST_S = 60.0
_MAP = "crossroads.map"


@dataclass(slots=True)
class Visitor:
    """One browser tab.

    Attributes
    ----------
    base
        The app's address, without a slash at its end.
    page, query
        Which page, as ``"near"``, and what stands behind its ``?``.
    first_s
        How long the first page took; 0 before.
    clicks_s
        How long each click took until its run was finished.
    """

    base: str
    page: str = ""
    query: str = ""
    first_s: float = 0.0
    clicks_s: list[float] = field(default_factory=list)
    _cookies: dict[str, str] = field(default_factory=dict)
    _socket: ClientConnection | None = None
    _map_id: str = ""
    _fragment_id: str = ""
    _page_hash: str = ""
    _scene: dict[str, Any] = field(default_factory=dict)

    async def open(self) -> None:
        """Open the page and wait until its first run has finished."""
        start = time.perf_counter()
        page = await asyncio.to_thread(requests.get, f"{self.base}/{self.page}", timeout=_LONGEST_S)
        page.raise_for_status()
        self._cookies = page.cookies.get_dict()
        parts = urlsplit(self.base)
        self._socket = await connect(
            f"ws://{parts.netloc}/_stcore/stream",
            origin=Origin(f"{parts.scheme}://{parts.netloc}"),
            additional_headers={"Cookie": self._cookie},
            subprotocols=[Subprotocol("streamlit")],
            max_size=None,
        )
        await self._run(BackMsg())
        self.first_s = time.perf_counter() - start

    async def act(self, page: str, start: tuple[float, float]) -> None:
        """Click what the page is for: another start, another place, or just the page again."""
        if page == "near":
            await self.pick(*start)
        elif page == "halfway" and self._scene.get("cards"):
            cards = self._scene["cards"]
            chosen = cards[len(self.clicks_s) % len(cards)]["id"]
            await self.click(json.dumps([{"event": "event", "value": _select(chosen)}]))
        else:
            await self.click()

    async def pick(self, lon: float, lat: float) -> None:
        """Click a point of the map."""
        await self.click(json.dumps([{"event": "event", "value": _pick(lon, lat)}]))

    async def click(self, trigger: str = "") -> None:
        """Run the page again, by something that the map sends or without."""
        start = time.perf_counter()
        message = BackMsg()
        if trigger:
            state = message.rerun_script.widget_states.widgets.add()
            state.id = _make_trigger_id(self._map_id, "events")
            state.json_trigger_value = trigger
            message.rerun_script.fragment_id = self._fragment_id
        before = self._scene.get("areas", {}).get("url")
        await self._run(message)
        self.clicks_s.append(time.perf_counter() - start)
        url = self._scene.get("areas", {}).get("url")
        if url and url != before:
            await asyncio.to_thread(self._fetch, url)

    @property
    def cards(self) -> int:
        """How many places the last scene listed."""
        return len(self._scene.get("cards", ()))

    async def close(self) -> None:
        """Leave."""
        if self._socket is not None:
            await self._socket.close()

    @property
    def _cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _fetch(self, url: str) -> None:
        answer = requests.get(
            f"{self.base}/{url.lstrip('/')}", headers={"Cookie": self._cookie}, timeout=_LONGEST_S
        )
        answer.raise_for_status()

    async def _run(self, message: BackMsg) -> None:
        """Send a message and read until its run has finished."""
        assert self._socket is not None
        run = message.rerun_script
        run.query_string = self.query
        run.page_name = self.page
        run.page_script_hash = self._page_hash
        run.context_info.locale = "en-GB"
        run.context_info.timezone = "Europe/London"
        await self._socket.send(message.SerializeToString())
        async with asyncio.timeout(_LONGEST_S):
            while True:
                answer = ForwardMsg()
                answer.ParseFromString(await self._socket.recv())
                if self._take(answer):
                    return

    def _take(self, answer: ForwardMsg) -> bool:
        """Keep what later messages need; return whether the run has finished."""
        kind = answer.WhichOneof("type")
        if kind == "navigation":
            self._page_hash = answer.navigation.page_script_hash
        elif kind == "delta":
            element = answer.delta.new_element
            if element.WhichOneof("type") == "bidi_component":
                component = element.bidi_component
                if component.component_name == _MAP:
                    self._map_id = component.id
                    self._fragment_id = answer.delta.fragment_id
                    self._scene = json.loads(component.json or component.mixed.json)
        elif kind == "script_finished":
            return answer.script_finished in {
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
            }
        return False


def _pick(lon: float, lat: float) -> dict[str, Any]:
    return {"type": "pick", "point": [lon, lat]}


def _select(card_id: str) -> dict[str, Any]:
    return {"type": "select", "id": card_id}
