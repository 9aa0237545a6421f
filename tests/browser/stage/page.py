"""A page that shows one map; it counts its runs and echoes every event."""

import shapely
import streamlit as st

from geo.model import BBox, Point
from geo.settings import read_settings
from geo.ui.map import (
    AttendeeLines,
    Band,
    Card,
    Drive,
    MapEvent,
    MapLink,
    PersonMarker,
    Scene,
    bands_geojson,
    legend,
    region_map,
)
from geo.ui.web.tokens import publish_areas

HOSTILE = "<img src=x onerror=alert(1)>"
START = Point(1.52, 42.51)
BANDS = [Band("10 min", shapely.Point(1.52, 42.51).buffer(0.02))]
CARDS = [
    Card(
        id="a", point=Point(1.54, 42.52), label="1", color="#1d4ed8", title=HOSTILE, kind="café",
        headline="5 min", status=HOSTILE, tone="open", facts=[HOSTILE], notes=[HOSTILE],
        drives=[Drive(HOSTILE, "#1971c2", "5 min", HOSTILE)],
        links=[MapLink("Map", "https://example.org/"), MapLink("Trap", "javascript:alert(1)")],
    ),
    Card(id="b", point=Point(1.50, 42.50), label="2", color="#6d28d9", title="مقهى"),
    Card(id="c", point=Point(1.5001, 42.5001), label="3", color="#6d28d9", title="Third"),
]  # fmt: skip

st.set_page_config(layout="wide", menu_items={"About": "A stage"})
state = st.session_state
state.runs = state.get("runs", 0) + 1


def react(event: MapEvent) -> None:
    if event.picked:
        state.origin = event.picked
        state.said = f"picked {event.picked.lat:.3f},{event.picked.lon:.3f}"
    else:
        state.selected = event.selected
        state.said = f"selected {event.selected}"


region_map(
    Scene(
        region=BBox(1.4, 42.42, 1.79, 42.66),
        tiles=read_settings().basemap or None,
        fit_id=st.query_params.get("fit", "start"),
        fit=BBox(1.48, 42.48, 1.56, 42.54),
        origin=state.get("origin", START),
        areas_url=publish_areas(bands_geojson(BANDS)),
        legend=legend(BANDS),
        cards=CARDS,
        selected=state.get("selected"),
        people=[PersonMarker(Point(1.53, 42.50), HOSTILE[:2], "#1971c2", HOSTILE)],
        attendee_lines=[AttendeeLines(START, [Point(1.53, 42.50)], "#1971c2")],
        route=[START, CARDS[0].point] if state.get("selected") else None,
        heading="Three places",
        hint=HOSTILE,
        locates=True,
    ),
    key="map-area",
    on_event=react,
)
st.text(f"run {state.runs}")
st.text(f"said {state.get('said')}")
