"""Values of widgets as browsers send them: what one cannot have is left out, with a log line.

Streamlit takes the type of a value from the message instead of from the widget, so a message that
no page sends (text for a number, JSON that is none) fails in the run, in callbacks, and again
whenever the session is saved, each time with a traceback. Here the widget goes back to the value
that it begins with, and nobody but the sender has anything of it.
"""

from __future__ import annotations

import json
import logging
from functools import wraps
from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.state.session_state import Serialized, Value, WStates

_LOG = logging.getLogger(__name__)
_NUMBERS = frozenset({"int_value", "double_value"})
"""One widget sends either: a box for whole numbers says that it holds the other."""

_JSON = frozenset({"json_value", "json_trigger_value"})


def leave_out_wrong_values() -> None:
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
            if _fits(state.value, metadata.value_type) and _is_offered(
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


def _fits(state: WidgetState, value_type: str) -> bool:
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
