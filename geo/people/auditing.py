"""The audit, for admins."""

from __future__ import annotations

from dataclasses import dataclass

from geo.people.acting import looking
from geo.privacy import Action
from geo.store import (
    EVERYTHING,
    AuditEntry,
    AuditFilter,
    Store,
    count_entries,
    list_entries,
    people_by_id,
)


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries of the audit.

    Attributes
    ----------
    entries
        The latest first.
    total
        How many there are of the kind that was asked for.
    names
        Of those whom entries tell of and who are still on the roster, by id.
    """

    entries: tuple[AuditEntry, ...]
    total: int
    names: dict[str, str]


def read_audit(
    store: Store,
    actor_id: str,
    wanted: AuditFilter = EVERYTHING,
    *,
    limit: int = 500,
    offset: int = 0,
) -> AuditPage:
    """Return entries of the audit; that it was read becomes one of them.

    Raises
    ------
    NotAllowed
        The actor is no admin.
    """
    with looking(store, actor_id, Action.SEE_AUDIT) as look:
        entries = list_entries(look.db, wanted, limit=limit, offset=offset)
        total = count_entries(look.db, wanted)
        ids = {one for entry in entries for one in (entry.actor_id, entry.subject_id) if one}
        names = {key: one.name for key, one in people_by_id(look.db, ids).items()}
        look.note(entries=len(entries))
    return AuditPage(tuple(entries), total, names)
