"""Facility location."""
