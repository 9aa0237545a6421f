"""The roster as planners see and change it."""
