"""``/api/status`` of an Overpass server: whether it would take a question now.

Plain text, one fact a line; what is not understood is passed over.
https://dev.overpass-api.de/overpass-doc/en/preface/commons.html
"""

from __future__ import annotations

import re

_LIMIT = re.compile(r"^Rate limit:\s*(\d+)", re.MULTILINE)
_FREE = re.compile(r"^(\d+) slots? available now", re.MULTILINE)
_LATER = re.compile(r"^Slot available after: .*?, in (-?\d+) seconds", re.MULTILINE)
_RUNNING = re.compile(r"^\d+\t", re.MULTILINE)
_BUSY_S = 15.0


def slot_wait_s(text: str) -> float:
    r"""Return in how many seconds a slot is free; 0 for now, or where the text does not say.

    Parameters
    ----------
    text
        The server's status.

    Examples
    --------
    >>> slot_wait_s("Rate limit: 2\n1 slots available now.\n")
    0.0
    >>> slot_wait_s("Rate limit: 1\nSlot available after: 2026-11-23T14:19:38Z, in 7 seconds.\n")
    8.0
    """
    limit = _LIMIT.search(text)
    if limit is None or int(limit[1]) == 0:  # 0 stands for no limit
        return 0.0
    free = _FREE.search(text)
    if free is not None and int(free[1]) > 0:
        return 0.0
    later = [float(match[1]) for match in _LATER.finditer(text)]
    if later:
        # A slot whose time is over stays listed, ever further in the past, until it is used again.
        return min(later) + 1 if min(later) > 0 else 0.0
    if len(_RUNNING.findall(text)) < int(limit[1]):
        return 0.0  # it tells of no slot, but not all that there are can be taken
    return _BUSY_S  # every slot works on a question, and when it ends is not said
