"""Crossroads: where rural remote staff can work and meet, by real drive times."""
