"""Saving a plan: the whole pack, or one file of it; made when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from geo.export.plan import ledger_csv
from geo.export.plan_pack import plan_calendar, plan_pack, zipped
from geo.region import Region
from geo.ui import page
from geo.ui.plan.desk import Desk, Planned
from geo.ui.words import plan as said

_TYPES = {
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
    "geojson": "application/geo+json",
    "kml": "application/vnd.google-earth.kml+xml",
    "ics": "text/calendar",
    "json": "application/json",
}


def show_saving(made: Planned, desk: Desk, region: Region) -> None:
    """Show the buttons."""
    measures, stamp = page.measures(), datetime.now(UTC)

    def pack() -> dict[str, bytes]:
        return plan_pack(made.plan, region, measures=measures, help_=made.help_)

    dated = made.plan.request.starts_at is not None
    st.caption(said.SAVE_HOW if dated else f"{said.SAVE_HOW} {said.NO_DATE}")
    with st.container(key="plan-files", horizontal=True, gap="small"):
        _button(said.PACK, lambda: zipped(pack()), "crossroads-plan.zip", "application/zip")
        for ending, name in said.FILES.items():
            if ending != "ics":
                file = "summary.html" if ending == "html" else f"plan.{ending}"
                _button(name, _one(pack, file), f"crossroads-plan.{ending}", _TYPES[ending])
            elif dated:
                _button(
                    name,
                    lambda: plan_calendar(made.plan, region.manifest, stamp=stamp),
                    "crossroads-plan.ics",
                    _TYPES["ics"],
                )
        _button(
            said.LEDGER_SAVE,
            lambda: ledger_csv(desk.ledger.after(made.plan)).encode(),
            "crossroads-ledger.csv",
            "text/csv",
        )


def _one(pack: Callable[[], dict[str, bytes]], file: str) -> Callable[[], bytes]:
    return lambda: pack()[file]


def _button(name: str, data: Callable[[], bytes], file: str, kind: str) -> None:
    st.download_button(
        name,
        data,
        file_name=file,
        mime=kind,
        on_click="ignore",
        key=f"save-{file}",
        icon=":material/download:" if file.endswith(".zip") else None,
        type="primary" if file.endswith(".zip") else "secondary",
    )
