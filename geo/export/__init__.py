"""Results for people and programs: listings in every format, plans as packs of files.

Each module returns text or bytes; nothing here writes a file.
"""
