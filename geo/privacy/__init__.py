"""What may be known of whom, decided here and nowhere else.

`access` says who may do what to whom, and in how coarse words; `home_areas` is the one maker of a
home area, from the `homes` of the map. Nothing here knows a database, a network or a page.
"""

from geo.privacy.access import (
    ACTIONS,
    Action,
    Audience,
    Relation,
    Role,
    Subject,
    Viewer,
    band_label,
    band_of,
    count_label,
    may_see,
    relation,
)
from geo.privacy.home_areas import Routable, coarsen_home, coarsen_homes, drive_margin_s
from geo.privacy.homes import Homes, SettlementCores

__all__ = [
    "ACTIONS",
    "Action",
    "Audience",
    "Homes",
    "Relation",
    "Role",
    "Routable",
    "SettlementCores",
    "Subject",
    "Viewer",
    "band_label",
    "band_of",
    "coarsen_home",
    "coarsen_homes",
    "count_label",
    "drive_margin_s",
    "may_see",
    "relation",
]
