"""Text from the map, from people and from addresses, as Streamlit's Markdown shows it unchanged."""

from __future__ import annotations

_SPECIAL = frozenset(r"\`*_{}[]()<>#+-.!|~:$")


def plain(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    Examples
    --------
    >>> plain("[tea](https://example.org)")
    '\\[tea\\]\\(https\\://example\\.org\\)'
    """
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in text)
