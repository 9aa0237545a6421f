"""The map as a Streamlit component.

It is mounted in a shadow root: the app's styles and the map's do not reach each other.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from itertools import count
from typing import Any

from geo.ui.component import Component
from geo.ui.map.assets import asset_url, component_script
from geo.ui.map.scene import MapEvent, Scene

_RUNS = count()
"""Makes every scene another one: of an equal one the browser is told nothing, and would go on
waiting where a start was refused."""

_MAP = Component("crossroads.map", partial(component_script, "main.js"))
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

    def react(value: Any) -> None:
        event = MapEvent.from_json(value)
        if on_event and event:
            on_event(event)

    data = {**scene.to_json(), "key": key, "urls": _urls(), "run": next(_RUNS)}
    return MapEvent.from_json(_MAP.show(data, key=key, handlers={"event": react}).get("event"))


@cache
def _urls() -> dict[str, Any]:
    return {
        "library": asset_url("maplibre-gl.js"),
        "sheets": [asset_url(name) for name in _SHEETS],
        "styles": {"light": asset_url("light.json"), "dark": asset_url("dark.json")},
    }
