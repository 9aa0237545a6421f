"""Text from strangers, made safe to carry in any format.

Names come from OpenStreetMap and from people. Each format escapes what is markup to it; this module
takes out what no format can carry: control characters, which XML 1.0 forbids (section 2.2) and
terminals obey, and the marks that turn the direction of all text behind them (Unicode Standard
Annex 9, 2.1 and 2.2), by which a name could rewrite the line it stands in.
"""

from __future__ import annotations

import re

_UNFIT = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069]|[\U0001fffe\U0001ffff]"
)
_BLANKS = re.compile(r"[\s\x1c-\x1f\x85\u2028\u2029]+")


def plain(text: str, *, longest: int | None = None) -> str:
    r"""Return a text as one line that every format can carry.

    Parameters
    ----------
    longest
        Characters to keep; what is cut off is shown by an ellipsis.

    Examples
    --------
    >>> plain("Bean\x00\n & Gone\u202e"), plain("Llanfairpwllgwyngyll", longest=6)
    ('Bean & Gone', 'Llanf…')
    """
    line = _BLANKS.sub(" ", _UNFIT.sub("", text)).strip()
    if longest is not None and len(line) > longest:
        return line[: longest - 1].rstrip() + "…"
    return line
