"""Names and addresses out of an extract, for the gazetteer."""

from geo.region.names.collector import NameCollector, renew_names

__all__ = ["NameCollector", "renew_names"]
