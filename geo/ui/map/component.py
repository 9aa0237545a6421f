"""The map as a Streamlit component.

It is mounted in a shadow root: the app's styles and the map's do not reach each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import count
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from geo.ui.map.assets import asset_url, component_script
from geo.ui.map.scene import MapEvent, Scene

_RUNS = count()
"""Makes every scene another one: of an equal one the browser is told nothing, and would go on
waiting where a start was refused."""

_SHEETS = ("maplibre-gl.css", "map.css", "markers.css", "cards.css")


def region_map(
    scene: Scene, *, key: str, on_event: Callable[[MapEvent], None] | None = None
) -> MapEvent | None:
    """Show a map with its list, and say what the person did.

    Pan, zoom and hover stay in the browser; only a chosen point or card runs the page again.

    Parameters
    ----------
    scene
        What to show.
    key
        Names this map; a map keeps its camera as long as its key stays.
    on_event
        Called with what the person did before the page runs again, so that this one run shows the
        answer. A page that reads the returned event instead has to run a second time.

    Returns
    -------
    MapEvent or None
        None in every run that the map did not cause.
    """
    data = {**scene.to_json(), "key": key, "urls": _urls(), "run": next(_RUNS)}
    result = _component()(key=key, data=data, on_event_change=partial(_report_event, key, on_event))
    return MapEvent.from_json(result.get("event"))


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "crossroads.map", js=component_script("main.js"), isolate_styles=True
    )


def _urls() -> dict[str, Any]:
    return {
        "library": asset_url("maplibre-gl.js"),
        "sheets": [asset_url(name) for name in _SHEETS],
        "styles": {"light": asset_url("light.json"), "dark": asset_url("dark.json")},
    }


def _report_event(key: str, on_event: Callable[[MapEvent], None] | None) -> None:
    """Hand the event of one map to the page, before the page runs."""
    event = MapEvent.from_json(st.session_state[key].get("event"))
    if on_event and event:
        on_event(event)
