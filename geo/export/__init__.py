"""Results as text for people and programs: links, JSON values, GeoJSON, CSV.

Each module is one format and returns text or bytes; nothing here writes a file.
"""
