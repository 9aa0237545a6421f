"""People: who is on the roster, what they agreed to, and what others may do with it.

Everything takes the store and the id of who acts, looks that person up, asks
`geo.privacy.may_see`, does the work and writes it down, in one transaction. Pages call these and
nothing of `geo.store` that writes.

Joining: `local_viewer`, `admit`, `end_sign_ins`, `end_all_sign_ins`, `find_viewer`, `invite`,
`check_invitation`, `accept_invitation`. For oneself: `my_profile`, `rename`, `set_home`,
`remove_home`, `set_consent`, `set_preferences`, `export_my_data`, `forget`. Wishes: `by_wishes`,
`fit`, `passed_over`, `suggest_company`, `suits_size`. Colleagues: `nearby_colleagues`,
`still_seen`, `colleagues_by_id`. The roster: `preview_import`, `commit_import`, `list_roster`,
`read_roster_page`, `export_roster`, `change_member`, `set_role`, `possible_duplicates`,
`merge_people`. Plans:
`demand_for_plan`, `save_meetup_plan`, `names_in_plan`, `my_plans`, `open_plan`, `drop_plan`,
`enter_attendance`, `other_places`, `moved`, `ledger`. Own venues: `own_venues`,
`change_venues`, `mark_of_venues`, `take_over`. The audit: `read_audit`.
"""

from geo.people.acting import OPERATOR_ID, find_viewer
from geo.people.admission import (
    SIGN_IN,
    SIGN_OUT,
    Denied,
    SignedIn,
    admit,
    end_all_sign_ins,
    end_sign_ins,
    is_signed_in,
    note_refusal,
)
from geo.people.auditing import AuditPage, read_audit
from geo.people.colleagues import (
    MOST_CHOSEN,
    Nearby,
    NearbyColleague,
    colleagues_by_id,
    nearby_colleagues,
    still_seen,
)
from geo.people.consent import CONSENT_TEXTS, CONSENT_VERSION, set_consent
from geo.people.demand import NAMELESS, PlanDemand, demand_for_plan
from geo.people.homes import area_at, areas_at, find_area_of, remove_home, set_home
from geo.people.importing import (
    ImportPreview,
    ImportResult,
    StaffTable,
    commit_import,
    preview_import,
)
from geo.people.joining import (
    JOINED,
    LOCAL_ID,
    Invitation,
    accept_invitation,
    check_emails,
    check_invitation,
    invite,
    local_viewer,
)
from geo.people.members import (
    Member,
    MemberField,
    RosterPage,
    change_member,
    export_roster,
    find_member,
    list_roster,
    merge_people,
    possible_duplicates,
    read_roster_page,
    set_role,
)
from geo.people.moving import OtherPlace, moved, other_places
from geo.people.planning import (
    drop_plan,
    enter_attendance,
    ledger,
    my_plans,
    names_in_plan,
    open_plan,
    save_meetup_plan,
)
from geo.people.preferences import (
    GROUP_SIZES,
    MOODS,
    OFTEN,
    SIZES,
    GroupSize,
    Mood,
    Preferences,
    my_preferences,
    set_preferences,
)
from geo.people.profile import Profile, export_my_data, forget, my_profile, rename
from geo.people.reading import AddressCheck
from geo.people.retention import (
    RETENTION,
    Purged,
    UnusedAreas,
    find_unused_areas,
    purge,
    settle_unused_areas,
)
from geo.people.sample import ensure_sample_people, enter_sample_people
from geo.people.text import known_email
from geo.people.venues import change_venues, mark_of_venues, own_venues, take_over
from geo.people.wishes import REST_DAYS, by_wishes, fit, passed_over, suggest_company, suits_size

__all__ = [
    "CONSENT_TEXTS",
    "CONSENT_VERSION",
    "GROUP_SIZES",
    "JOINED",
    "LOCAL_ID",
    "MOODS",
    "MOST_CHOSEN",
    "NAMELESS",
    "OFTEN",
    "OPERATOR_ID",
    "REST_DAYS",
    "RETENTION",
    "SIGN_IN",
    "SIGN_OUT",
    "SIZES",
    "AddressCheck",
    "AuditPage",
    "Denied",
    "GroupSize",
    "ImportPreview",
    "ImportResult",
    "Invitation",
    "Member",
    "MemberField",
    "Mood",
    "Nearby",
    "NearbyColleague",
    "OtherPlace",
    "PlanDemand",
    "Preferences",
    "Profile",
    "Purged",
    "RosterPage",
    "SignedIn",
    "StaffTable",
    "UnusedAreas",
    "accept_invitation",
    "admit",
    "area_at",
    "areas_at",
    "by_wishes",
    "change_member",
    "change_venues",
    "check_emails",
    "check_invitation",
    "colleagues_by_id",
    "commit_import",
    "demand_for_plan",
    "drop_plan",
    "end_all_sign_ins",
    "end_sign_ins",
    "ensure_sample_people",
    "enter_attendance",
    "enter_sample_people",
    "export_my_data",
    "export_roster",
    "find_area_of",
    "find_member",
    "find_unused_areas",
    "find_viewer",
    "fit",
    "forget",
    "invite",
    "is_signed_in",
    "known_email",
    "ledger",
    "list_roster",
    "local_viewer",
    "mark_of_venues",
    "merge_people",
    "moved",
    "my_plans",
    "my_preferences",
    "my_profile",
    "names_in_plan",
    "nearby_colleagues",
    "note_refusal",
    "open_plan",
    "other_places",
    "own_venues",
    "passed_over",
    "possible_duplicates",
    "preview_import",
    "purge",
    "read_audit",
    "read_roster_page",
    "remove_home",
    "rename",
    "save_meetup_plan",
    "set_consent",
    "set_home",
    "set_preferences",
    "set_role",
    "settle_unused_areas",
    "still_seen",
    "suggest_company",
    "suits_size",
    "take_over",
]
