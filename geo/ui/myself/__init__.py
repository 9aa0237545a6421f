"""My profile, section by section."""
