"""Plans that are kept: their meetups, what becomes of them, and who came."""
