"""Names and addresses out of an extract, for the gazetteer."""

from geo.region.names.collector import NameCollector

__all__ = ["NameCollector"]
