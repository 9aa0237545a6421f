"""The box as a Streamlit component: the browser asks our own route for names as one types.

What is typed goes to this server alone, in the body of a request, so that it is in no log and no
history; the page runs again only when something was chosen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from geo import texts
from geo.errors import BadCoordinates
from geo.model import Point
from geo.region import Region
from geo.ui.component import Component
from geo.ui.map.assets import PREFIX, component_script
from geo.ui.place_search.suggestions import point_from_json

_BOX = Component(
    "crossroads.finder",
    partial(component_script, "finder.js"),
    Path(__file__).parent / "browser" / "finder.css",
)
_LONGEST = 120
_LONGEST_QUERY = 200


@dataclass(frozen=True, slots=True)
class LabelledPoint:
    """What was chosen: a point and what to call it; None where it has no name."""

    point: Point
    label: str | None = None

    @classmethod
    def from_json(cls, value: Any) -> LabelledPoint | None:
        """Read what the browser sent; None where it is nothing that the box sends."""
        match value:
            case {"point": [lon, lat], "label": str() as name}:
                try:
                    return cls(point_from_json(lon, lat), name[:_LONGEST] or None)
                except BadCoordinates:
                    return None
        return None


def place_search_box(
    region: Region,
    on_found: Callable[[LabelledPoint], None],
    *,
    key: str,
    label: str,
    value: str | None = None,
    near: Point | None = None,
) -> str | None:
    """Show the box.

    Parameters
    ----------
    region
        Whose names to look among.
    on_found
        Called with what was chosen, before the page runs.
    key
        Names this box.
    label
        What the box is for.
    value
        What stands in it; with None it is emptied after each choice.
    near
        Of two places of one name the one nearer to this goes first.

    Returns
    -------
    str or None
        What was typed, where somebody wants to look it up on the web at this moment.
    """
    near = near or region.bbox.center
    data = {
        "label": label,
        "value": value or "",
        "empties": value is None,
        "url": names_url(
            region.name,
            region.manifest.build,
            region.freshness.folder if region.freshness else "",
        ),
        "near": [near.lon, near.lat],
        "texts": {
            "hint": texts.START_HINT,
            "nothing": texts.NO_SUCH_NAME.format(region=region.name),
            "elsewhere": texts.ADDRESS_IN_OTHER_REGION.format(region=region.name),
            "unmatched": texts.UNMATCHED,
            "failed": texts.NAMES_FAILED,
            "count": texts.NAMES_FOUND,
            "web": texts.SEARCH_WEB,
        },
    }

    def react(value: Any) -> None:
        found = LabelledPoint.from_json(value)
        if found:
            on_found(found)

    # What is sought is read from what the box returns, once the page runs.
    reported = _BOX.show(data, key=key, handlers={"found": react, "sought": lambda _text: None})
    text = reported.get("sought")
    return text.strip()[:_LONGEST_QUERY] if isinstance(text, str) else None


def names_url(region: str, build: str, refresh: str = "") -> str:
    """Return the address that answers for the names of a region's build.

    Parameters
    ----------
    region
        Its name.
    build
        The folder of its files.
    refresh
        The folder of its refreshed places; empty for none.
    """
    return f"{PREFIX}/suggest/{region}/{build}" + (f".{refresh}" if refresh else "")
