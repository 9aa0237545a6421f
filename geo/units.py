"""Distances, drives and clocks as people read them: miles or kilometres, 12 or 24 hours.

Inside Crossroads a distance is metres and a drive is seconds. What a reader is used to depends on
the region of their locale (``data/locales.toml``, from Unicode CLDR); the words are English.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime

from geo.files import read_table

METRES_PER_MILE = 1609.344
"""The international mile of 1959."""

_LOCALE = re.compile(
    r"([a-z]{2,3})(?:[-_][a-z]{4})?(?:[-_]([a-z]{2}))?(?:[-_.@].*)?", re.IGNORECASE
)
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Measures:
    """How one reader measures: miles or kilometres, "2:30 pm" or "14:30".

    Examples
    --------
    >>> Measures.of_locale("en-US").distance(21_000)
    '13 mi'
    >>> Measures.of_locale("ca_AD.UTF-8").distance(4_320)
    '4.3 km'
    """

    miles: bool = False
    twelve_hours: bool = False

    @classmethod
    def of_locale(cls, locale: str | None) -> Measures:
        """Return the measures of a locale such as ``"en-US"``, ``"de"`` or ``"en_GB.UTF-8"``.

        Kilometres and 24 hours where it names no region, or is no locale.
        """
        match = _LOCALE.fullmatch(locale.strip()) if locale else None
        if not match or not match[2]:
            return cls()
        table = read_table("locales")
        region = match[2].upper()
        language_region = f"{match[1].lower()}-{region}"
        return cls(
            miles=region in table["miles"],
            twelve_hours=region in table["twelve_hours"]
            and language_region not in table["twenty_four_hours"],
        )

    @property
    def unit(self) -> str:
        """The unit of distance, as ``"km"``."""
        return "mi" if self.miles else "km"

    @property
    def unit_m(self) -> float:
        """Metres in the unit of distance."""
        return METRES_PER_MILE if self.miles else 1000.0

    def distance(self, length_m: float) -> str:
        """Return a distance with its unit; one decimal below ten, a dash where it is infinite.

        Examples
        --------
        >>> Measures().distance(0), Measures().distance(9_960), Measures().distance(math.inf)
        ('0.0 km', '10 km', '–')
        """
        if not math.isfinite(length_m):
            return "–"
        units = length_m / self.unit_m
        number = f"{units:.1f}" if round(units, 1) < 10 else f"{units:.0f}"
        return f"{number} {self.unit}"

    def clock(self, at: datetime) -> str:
        """Return a time of day.

        Examples
        --------
        >>> noon = datetime(2026, 5, 4, 12, 5)
        >>> Measures().clock(noon), Measures(twelve_hours=True).clock(noon)
        ('12:05', '12:05 pm')
        """
        if not self.twelve_hours:
            return f"{at:%H:%M}"
        return f"{(at.hour - 1) % 12 + 1}:{at:%M} {'am' if at.hour < 12 else 'pm'}"

    def moment(self, at: datetime) -> str:
        """Return a day and a time of day.

        Examples
        --------
        >>> Measures().moment(datetime(2026, 5, 4, 9, 30))
        'Mon 4 May 2026, 09:30'
        """
        return f"{day(at)}, {self.clock(at)}"


def day(at: datetime) -> str:
    """Return a day, the same for every locale: no number is mistaken for a month.

    Examples
    --------
    >>> day(datetime(2026, 12, 24))
    'Thu 24 Dec 2026'
    """
    return f"{_DAYS[at.weekday()]} {at.day} {_MONTHS[at.month - 1]} {at.year}"


def drive(travel_time_s: float) -> str:
    """Return a drive in whole minutes, with hours from 60 on; a dash where there is none.

    Examples
    --------
    >>> drive(20), drive(29 * 60 + 31), drive(3599), drive(65 * 60), drive(math.inf)
    ('under 1 min', '30 min', '1 h', '1 h 5 min', '–')
    """
    if not math.isfinite(travel_time_s):
        return "–"
    if travel_time_s < 30:
        return "under 1 min"
    hours, minutes = divmod(math.floor(travel_time_s / 60 + 0.5), 60)
    parts = [f"{hours} h"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes} min")
    return " ".join(parts)
