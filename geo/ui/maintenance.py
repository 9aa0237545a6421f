"""Daily deletion of what is over, and memory that the garbage collector need not look through.

Python looks through all of memory for garbage now and then, and keeps every visitor waiting; what
is imported and opened once, hundreds of thousands of objects, would make that more than a tenth of
a second each time. Streamlit would have it looked through at the end of each run besides: that is
off (``postScriptGC`` in ``.streamlit/config.toml``).
"""

from __future__ import annotations

import gc
import logging
from datetime import date

from geo.errors import CrossroadsError
from geo.people.roster import purge
from geo.store import Store


def freeze_garbage_collector() -> None:
    """Take whatever is in memory now, but for garbage, for something that stays.

    What is let go of later is freed all the same, unless it holds itself.
    """
    gc.collect()
    gc.freeze()


_LOG = logging.getLogger(__name__)


class DailyMaintenance:
    """Does it at the first look of each day."""

    def __init__(self) -> None:
        self._done: date | None = None

    def see_to(self, store: Store, *, area_days: int, today: date) -> None:
        """Delete what is over, unless that was done today.

        Parameters
        ----------
        store
            Where people are kept.
        area_days
            For how many days a home area is kept without use.
        today
            The date; another than before begins the work.
        """
        if self._done == today:
            return
        self._done = today  # others who look meanwhile go on
        try:
            purge(store, area_days=area_days)
        except CrossroadsError as error:
            _LOG.error("%s", error)


DAILY_MAINTENANCE = DailyMaintenance()
"""One for the process."""
