"""Everything that is SQL: people, what they agreed to, plans, own venues, and who did what.

Open it once, read and write in pieces::

    store = Store.open(url)
    with store.read() as db:
        person = find_person(db, person_id)
    with store.atomic() as db:  # the only way to write
        change_person(db, person_id, team="Atlas")

What needs a right goes through `geo.people`, which asks `geo.privacy.may_see` first; nothing here
asks anybody.
"""

from geo.store.database import Store

__all__ = ["Store"]
