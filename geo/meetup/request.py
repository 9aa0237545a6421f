"""What is asked of a plan: how many meetups, what they should be good at, within which rules."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, get_args

from geo.errors import InputError, UnknownName
from geo.network import DRY, Conditions

PlanObjective = Literal["total", "fairest", "coverage", "fewest"]
PLAN_OBJECTIVES: tuple[PlanObjective, ...] = get_args(PlanObjective)

MOST_MEETUPS = 500
HISTORY_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """What is asked for.

    As many people as possible are placed first; then the objective is made best.

    Attributes
    ----------
    meetups
        How many at most; None finds the number beyond which another meetup saves little.
    objective
        ``total``: least drive of all together (each times their weight). ``fairest``: least
        longest drive. ``coverage``: most people. ``fewest``: fewest meetups.
    cutoff_s
        The longest drive there for anybody; ``inf`` for no limit.
    min_size, max_size
        People at each meetup; 0 and None for any number.
    starts_at
        When it begins, without a zone by the places' own clocks: what is known to be closed at
        any time of the meetup is left out. None leaves out nothing.
    duration
        How long it lasts.
    kinds
        Only places of these kinds; None for all that can host a group.
    conditions
        The state of the roads for those who say nothing else.
    forced, banned
        Ids of places that must, and must not, be used.
    together, apart
        Ids of people who go to one meetup, and of those of whom no two do.
    vetoes
        Pairs of a person's id and a place's: this person does not go there.
    history_share
        How much longer all drives together may get by sparing those who drove much to past
        meetups, as a fraction of the total drive without that; see `geo.meetup.history`.
    time_limit_s
        The plan is the best found after this many seconds, with what is proven of it. A plan
        with sizes of groups takes less where people are few.

    Raises
    ------
    InputError
        A number is out of range, or two rules contradict each other.
    UnknownName
        There is no such objective.
    """

    meetups: int | None = None
    objective: PlanObjective = "total"
    cutoff_s: float = 3600.0
    min_size: int = 0
    max_size: int | None = None
    starts_at: datetime | None = None
    duration: timedelta = timedelta(hours=2)
    kinds: tuple[str, ...] | None = None
    conditions: Conditions = DRY
    forced: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()
    together: tuple[tuple[str, ...], ...] = ()
    apart: tuple[tuple[str, ...], ...] = ()
    vetoes: tuple[tuple[str, str], ...] = ()
    history_share: float = HISTORY_SHARE
    time_limit_s: float = 6.0

    def __post_init__(self) -> None:
        if self.objective not in PLAN_OBJECTIVES:
            raise UnknownName("objective", self.objective, PLAN_OBJECTIVES)
        if self.meetups is not None and not 1 <= self.meetups <= MOST_MEETUPS:
            raise InputError(
                f"{self.meetups} meetups cannot be planned; give 1 to {MOST_MEETUPS}, or auto."
            )
        if self.objective == "fewest" and not math.isfinite(self.cutoff_s):
            raise InputError("the fewest meetups need a longest drive; give one.")
        self._check_sizes()
        if not 0 <= self.history_share <= 1:
            raise InputError(
                f"a history share of {100 * self.history_share:g} % is out of range;"
                " give 0 to 100 percent of the total drive."
            )
        both = set(self.forced) & set(self.banned)
        if both:
            raise InputError(f"place {min(both)} is both forced and banned; drop one of the two.")
        if self.meetups is not None and len(set(self.forced)) > self.meetups:
            raise InputError(
                f"{len(set(self.forced))} places are forced but there are {self.meetups} meetups;"
                " force fewer or ask for more."
            )

    def _check_sizes(self) -> None:
        if self.min_size < 0:
            raise InputError(f"a smallest group of {self.min_size} is none; give 0 or more.")
        if self.max_size is not None and self.max_size < max(1, self.min_size):
            raise InputError(
                f"a largest group of {self.max_size} is smaller than {max(1, self.min_size)};"
                " give at least that."
            )
        if self.duration <= timedelta(0):
            raise InputError("the meetup must last longer than no time; give its hours.")

    @property
    def sized(self) -> bool:
        """Whether the size of the groups is limited."""
        return self.min_size > 1 or self.max_size is not None

    def without(self, ids: Collection[str]) -> PlanRequest:
        """Return the request whose rules name none of these people any more."""

        def left(groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
            kept = (tuple(one for one in group if one not in ids) for group in groups)
            return tuple(group for group in kept if len(group) > 1)

        return replace(
            self,
            together=left(self.together),
            apart=left(self.apart),
            vetoes=tuple(veto for veto in self.vetoes if veto[0] not in ids),
        )
