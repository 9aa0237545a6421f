"""Where many people meet: at one place halfway, or at the several meetups of a plan."""

from geo.meetup.curve import CurvePoint
from geo.meetup.halfway import (
    MAX_PEOPLE,
    OBJECTIVES,
    Halfway,
    HalfwayRequest,
    MeetingPlace,
    Objective,
    TradeOff,
    common_area,
    meet_halfway,
)
from geo.meetup.plan import Attendee, Meetup, MeetupPlan, Rule, Unplaced, plan_meetups
from geo.meetup.request import PLAN_OBJECTIVES, PlanObjective, PlanRequest

__all__ = [
    "MAX_PEOPLE",
    "OBJECTIVES",
    "PLAN_OBJECTIVES",
    "Attendee",
    "CurvePoint",
    "Halfway",
    "HalfwayRequest",
    "MeetingPlace",
    "Meetup",
    "MeetupPlan",
    "Objective",
    "PlanObjective",
    "PlanRequest",
    "Rule",
    "TradeOff",
    "Unplaced",
    "common_area",
    "meet_halfway",
    "plan_meetups",
]
