"""Fairness over time: who drove how much to past meetups, and how the next plan makes up for it.

A ledger holds minutes by id. Priorities made from it let the drives of those who drove more than
the mean count more in the next plan: a person at the mean counts one, one at twice the mean two
(with the usual strength), so a plan of least total drive moves the meetups towards them. Nobody
counts less than a tenth of the mean, or those who never drove would be sent anywhere. What that may
cost all together is limited by the plan (`geo.meetup.history`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from geo.errors import BadTable, InputError
from geo.meetup.plan import MeetupPlan
from geo.records import Table
from geo.roster import Person
from geo.tabular import read_rows

_LEAST = 0.1
STRENGTH = 1.0
"""The usual power of a person's share: 0 forgets the past, 2 weighs it twice as hard."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Minutes driven to past meetups.

    Attributes
    ----------
    minutes
        By id of person; who is not in it has driven none.
    """

    minutes: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Table) -> Ledger:
        """Read a ledger from CSV with the columns ``id,minutes``.

        Raises
        ------
        InputError
            The file cannot be read.
        BadTable
            A column is missing, or rows cannot be used.
        """
        minutes: dict[str, float] = {}
        problems = []
        for row in read_rows(path, ("id", "minutes")):
            try:
                row.check()
                value = row.number("minutes")
            except ValueError:
                value = math.nan
            if not row.values["id"] or row.values["id"] in minutes or not 0 <= value < math.inf:
                problems.append(
                    f"{path.name}, line {row.line}: give each id once, and minutes of 0 or more."
                )
                continue
            minutes[row.values["id"]] = value
        if problems:
            raise BadTable(problems)
        return cls(minutes)

    def after(self, plan: MeetupPlan) -> Ledger:
        """Return the ledger after a plan has taken place: the drives there are added."""
        minutes = dict(self.minutes)
        for meetup in plan.meetups:
            for one in meetup.attendees:
                minutes[one.person.id] = minutes.get(one.person.id, 0.0) + one.travel_time_s / 60
        return Ledger(minutes)

    def weigh(self, people: Sequence[Person], *, strength: float = STRENGTH) -> list[Person]:
        """Return the people with priorities that make up for what they drove.

        Parameters
        ----------
        people
            Their own weights are kept.
        strength
            The power of a person's share of the mean; 0 gives everybody the same priority.

        Raises
        ------
        InputError
            The strength is negative or no number.
        """
        if not 0 <= strength <= 10:
            raise InputError(f"a strength of {strength} is none; give 0 to 10.")
        driven = [self.minutes.get(person.id, 0.0) for person in people]
        mean = math.fsum(driven) / len(driven) if driven else 0.0
        if mean <= 0:
            return list(people)
        return [
            replace(person, priority=max(_LEAST, past / mean) ** strength)
            for person, past in zip(people, driven, strict=True)
        ]

    def spread(self, people: Sequence[Person]) -> float:
        """Return the standard deviation of the minutes of some people; 0.0 for nobody."""
        driven = [self.minutes.get(person.id, 0.0) for person in people]
        if not driven:
            return 0.0
        mean = math.fsum(driven) / len(driven)
        return math.sqrt(math.fsum((one - mean) ** 2 for one in driven) / len(driven))
