"""Many origins: where do we meet, and what does each place cost each of us."""

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

__all__ = [
    "MAX_PEOPLE",
    "OBJECTIVES",
    "Halfway",
    "HalfwayRequest",
    "MeetingPlace",
    "Objective",
    "TradeOff",
    "common_area",
    "meet_halfway",
]
