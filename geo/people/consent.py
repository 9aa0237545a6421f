"""What people agree to: by whom they may be seen, whether they are planned for, in which words."""

from __future__ import annotations

from types import MappingProxyType

from geo.people.acting import acting
from geo.privacy import Action, Audience
from geo.store import Consent, Store, find_area, give_consent

CONSENT_VERSION = "2026-11"
"""The text that is shown now; kept with every consent. A changed text gets a new version."""

CONSENT_TEXTS = MappingProxyType(
    {
        "2026-11": (
            "Colleagues whom I let see me, and who let me see them, may know my name, my team, the"
            " area that I entered (never my address) and roughly how far away that is: within 15,"
            " 30, 45 or 60 minutes. If I allow planning, planners may see my name and my area"
            " beside the meetups they plan; if not, I count without a name. I can pause this,"
            " change it, take my data with me or delete them at any time."
        )
    }
)
"""What was agreed to, by version; versions that somebody agreed to are never changed."""


def set_consent(
    store: Store, actor_id: str, *, audience: Audience, planning: bool, paused: bool = False
) -> None:
    """Change what somebody agrees to, for themselves.

    Raises
    ------
    NotAllowed
        There is no such person any more.
    """
    with acting(store, actor_id, Action.CHANGE_PROFILE, actor_id) as act:
        give_consent(
            act.db,
            Consent(
                person_id=actor_id,
                at=act.now,
                text_version=CONSENT_VERSION,
                audience=audience.value,
                planning=planning,
                paused=paused,
                source="person",
            ),
        )
        act.note(
            Action.CHANGE_PROFILE,
            subject_id=actor_id,
            audience=audience.value,
            planning=planning,
            paused=paused,
        )


def has_area(store: Store, person_id: str) -> bool:
    """Return whether somebody has entered where they live."""
    with store.read() as db:
        return find_area(db, person_id) is not None
