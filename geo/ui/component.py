"""Streamlit components of ours: what runs in the browser, what it is given, and what it reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import streamlit as st

Handler = Callable[[Any], None]
"""Takes what the browser reported under one name, unchecked, before the page runs again."""


class Component:
    """One component, declared to Streamlit when it is first shown.

    Parameters
    ----------
    name
        Its name, as ``"crossroads.map"``.
    script
        Returns the text of its JavaScript module.
    sheet
        The file of its style sheet; None where the script fetches its own.
    """

    def __init__(self, name: str, script: Callable[[], str], sheet: Path | None = None) -> None:
        self._name = name
        self._script = script
        self._sheet = sheet

    def show(
        self, data: Mapping[str, Any], *, key: str, handlers: Mapping[str, Handler]
    ) -> Mapping[str, Any]:
        """Show the component.

        Parameters
        ----------
        data
            What the script is given, as JSON has it.
        key
            Names this one among those of its page.
        handlers
            What to call for each name that the script reports under.

        Returns
        -------
        Mapping
            What was reported in this run, by name; only in a run that the component caused.
        """
        callbacks = {
            f"on_{name}_change": partial(_handle, key, name, handler)
            for name, handler in handlers.items()
        }
        return self._renderer(key=key, data=data, **callbacks)

    @cached_property
    def _renderer(self) -> Callable[..., Mapping[str, Any]]:
        css = self._sheet.read_text("utf-8") if self._sheet else None
        renderer: Callable[..., Mapping[str, Any]] = st.components.v2.component(
            self._name, js=self._script(), css=css, isolate_styles=True
        )
        return renderer


def _handle(key: str, name: str, handler: Handler) -> None:
    handler(st.session_state[key].get(name))
