"""Everything that is SQL: people, what they agreed to, plans, and who did what.

Open it once, read and write in pieces::

    store = Store.open(read_settings().store_url)
    with store.read() as db:
        person = find_person(db, person_id)
    with store.atomic() as db:  # the only way to write
        change_person(db, person_id, team="Atlas")

What needs a right goes through `geo.people`, which asks `geo.privacy.may_see` first; nothing here
asks anybody.
"""

from geo.store.audit import (
    EVERYTHING,
    AuditEntry,
    AuditFilter,
    add_entry,
    count_entries,
    list_entries,
)
from geo.store.consents import Consent, add_consents, give_consent, list_consents
from geo.store.database import Reader, Store, Writer
from geo.store.invitations import (
    InvitationRow,
    add_invitation,
    find_invitation,
    purge_invitations,
    signing_key,
    use_invitation,
)
from geo.store.limits import count_query, purge_queries, queries_asked
from geo.store.people import (
    PersonRow,
    Status,
    StoredArea,
    add_people,
    change_person,
    count_people,
    count_role,
    delete_area,
    find_area,
    find_by,
    find_person,
    find_preferences,
    forget_person,
    list_areas,
    list_people,
    list_preferences,
    purge_areas,
    set_areas,
    set_preferences,
    touch_areas,
)
from geo.store.plans import (
    MeetupStatus,
    Plan,
    PlannedMeetup,
    Seat,
    delete_plan,
    last_meetups,
    list_plans,
    load_plan,
    meetups_of,
    minutes_driven,
    save_plan,
    set_attended,
)
from geo.store.sign_ins import SignIns, find_sign_ins, note_sign_in, note_sign_out

__all__ = [
    "EVERYTHING",
    "AuditEntry",
    "AuditFilter",
    "Consent",
    "InvitationRow",
    "MeetupStatus",
    "PersonRow",
    "Plan",
    "PlannedMeetup",
    "Reader",
    "Seat",
    "SignIns",
    "Status",
    "Store",
    "StoredArea",
    "Writer",
    "add_consents",
    "add_entry",
    "add_invitation",
    "add_people",
    "change_person",
    "count_entries",
    "count_people",
    "count_query",
    "count_role",
    "delete_area",
    "delete_plan",
    "find_area",
    "find_by",
    "find_invitation",
    "find_person",
    "find_preferences",
    "find_sign_ins",
    "forget_person",
    "give_consent",
    "last_meetups",
    "list_areas",
    "list_consents",
    "list_entries",
    "list_people",
    "list_plans",
    "list_preferences",
    "load_plan",
    "meetups_of",
    "minutes_driven",
    "note_sign_in",
    "note_sign_out",
    "purge_areas",
    "purge_invitations",
    "purge_queries",
    "queries_asked",
    "save_plan",
    "set_areas",
    "set_attended",
    "set_preferences",
    "signing_key",
    "touch_areas",
    "use_invitation",
]
