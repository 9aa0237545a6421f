"""The drives of everybody who is to be placed, each under their own conditions.

Drives are the network's own matrix, to the last digit; nothing is computed beside it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from geo.meetup.problem import Floats, Rows
from geo.meetup.request import PlanRequest
from geo.model import Place, Point
from geo.network import Conditions, RoadNetwork, Snaps
from geo.places import opening
from geo.roster import Person


@dataclass(frozen=True, slots=True)
class Demand:
    """The drives of n people to m places.

    Attributes
    ----------
    network
        The roads.
    people
        Who is to be placed.
    starts
        Where each joins the roads.
    conditions
        Those of each person.
    seconds
        (n, m) drives there without any limit; ``inf`` where there is no way.
    """

    network: RoadNetwork
    people: tuple[Person, ...]
    starts: Snaps
    conditions: tuple[Conditions, ...]
    seconds: Floats

    @classmethod
    def measure(
        cls,
        network: RoadNetwork,
        people: Sequence[Person],
        places: Snaps,
        conditions: Conditions,
    ) -> Demand:
        """Measure all drives; ``conditions`` are for people who have none of their own."""
        starts = network.snap([p.point.lon for p in people], [p.point.lat for p in people])
        own = tuple(person.conditions or conditions for person in people)
        seconds = np.full((len(people), len(places)), np.inf)
        for roads, rows in _by_conditions(own).items():
            matrix = network.matrix(starts[rows], places, conditions=roads)
            seconds[rows] = matrix.seconds
        return cls(network, tuple(people), starts, own, seconds)

    def return_seconds(self, places: Snaps) -> Floats:
        """Return (n, k) drives back from some places; ``inf`` where there is no way."""
        back = np.full((len(self.people), len(places)), np.inf)
        for roads, rows in _by_conditions(self.conditions).items():
            matrix = self.network.matrix(places, self.starts[rows], conditions=roads)
            back[rows] = matrix.seconds.T
        return back

    def allowed(self, request: PlanRequest, places: Snaps) -> npt.NDArray[np.bool_]:
        """Return (n, m) which drives keep the cutoff and what people are ready for.

        Who cannot drive after dark, or not far, is there and back by daylight otherwise.
        """
        own_s = np.array([person.longest_s for person in self.people], np.float64)
        longest_s = np.minimum(request.cutoff_s, own_s)[:, None]
        allowed: npt.NDArray[np.bool_] = np.isfinite(self.seconds) & (self.seconds <= longest_s)
        careful = [
            row
            for row, person in enumerate(self.people)
            if person.daylight or math.isfinite(person.longest_dark_s)
        ]
        if request.starts_at is None or not careful:
            return allowed
        back = self.return_seconds(places)
        for row in careful:
            before_s, after_s = light_s(self.people[row].point, request.starts_at, request.duration)
            by_day = (self.seconds[row] <= before_s) & (back[row] <= after_s)
            dark_s = 0.0 if self.people[row].daylight else self.people[row].longest_dark_s
            allowed[row] &= by_day | (np.maximum(self.seconds[row], back[row]) <= dark_s)
        return allowed


def light_s(point: Point, at: datetime, duration: timedelta) -> tuple[float, float]:
    """Return the seconds of daylight before a meetup begins and after it ends, at a position.

    Parameters
    ----------
    point
        Where; the sun of this position counts.
    at
        When it begins; without a zone by the position's own clock.
    duration
        How long it lasts.
    """
    zone = opening.timezone(point)
    local = at.replace(tzinfo=zone) if at.tzinfo is None else at.astimezone(zone)
    sun = Place("n0", None, "cafe", point, {"opening_hours": "sunrise-sunset"})
    sunrise = opening.next_change(sun, datetime.combine(local.date(), time(0, 1), zone))
    sunset = None if sunrise is None else opening.next_change(sun, sunrise)
    if sunrise is None or sunset is None:
        return -1.0, -1.0
    end = local + duration
    return (local - sunrise).total_seconds(), (sunset - end).total_seconds()


def _by_conditions(own: Sequence[Conditions]) -> dict[Conditions, Rows]:
    groups = defaultdict(list)
    for row, conditions in enumerate(own):
        groups[conditions].append(row)
    return {conditions: np.array(rows, np.intp) for conditions, rows in groups.items()}
