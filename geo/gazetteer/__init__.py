"""Names and addresses to points, and back."""

from geo.gazetteer.entry import Entry, House, Match, NameKind, name_kinds
from geo.gazetteer.gazetteer import Gazetteer
from geo.gazetteer.settlements import Settlements

__all__ = ["Entry", "Gazetteer", "House", "Match", "NameKind", "Settlements", "name_kinds"]
