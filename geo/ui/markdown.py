"""Text from the map, from people and from addresses, as Streamlit's Markdown shows it unchanged."""

from __future__ import annotations

import re

_SPECIAL = frozenset(r"\`*_{}[]()<>#+-.!|~:$")
_LINKING = re.compile(r"(?<=@)(?=[-\w])|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_JOINER = "\N{WORD JOINER}"
"""Takes no room and shows nothing."""


def plain(text: str) -> str:
    r"""Return a text that Markdown shows as it is.

    Streamlit makes links of addresses that stand there as mere text, whatever is escaped; so they
    are broken by a sign that nobody sees.

    Examples
    --------
    >>> plain("[tea]")
    '\\[tea\\]'
    >>> plain("wren@example.org").replace("\N{WORD JOINER}", "|")
    'wren@|example\\.org'
    """
    broken = _LINKING.sub(_JOINER, text)
    return "".join(f"\\{c}" if c in _SPECIAL else c for c in broken)
