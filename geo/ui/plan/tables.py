"""Tables of people and their drives, as tall as they need to be and no taller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

_ROW_PX, _HEAD_PX, _TALLEST_PX = 35, 38, 560


def show_drives(rows: Sequence[dict[str, Any]], minutes: Sequence[str], *, key: str) -> None:
    """Show rows that can be sorted and searched; the columns ``minutes`` are drives."""
    st.dataframe(
        rows,
        hide_index=True,
        height=min(_TALLEST_PX, _HEAD_PX + _ROW_PX * max(1, len(rows))),
        column_config={
            title: st.column_config.NumberColumn(format="%.0f min") for title in minutes
        },
        placeholder="–",
        key=key,
    )
