"""Positions out of texts that people paste: degrees, links of maps, plus codes."""

from geo.coordinates.plus_codes import PlusCode
from geo.coordinates.text import parse_coordinates

__all__ = ["PlusCode", "parse_coordinates"]
