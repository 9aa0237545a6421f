"""Who is let in, on each kind of database.

Coming in: by invitation, by sign-in, and on one's own computer.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from geo.errors import InputError, NotAllowed
from geo.people import authorised as clock
from geo.people.admission import (
    LOCAL_ID,
    AdmissionRefusal,
    SignedIn,
    accept_invitation,
    admit,
    check_emails,
    end_all_sign_ins,
    end_sign_ins,
    invite,
    is_signed_in,
    local_viewer,
    new_person,
    record_refusal,
)
from geo.people.authorised import now_utc, read_audit, viewer_by_id
from geo.people.roster import change_member, list_roster
from geo.privacy import Audience, Role, Viewer
from geo.store import Store
from geo.store.audit import AuditFilter, list_entries
from geo.store.people import add_people, change_person, find_person_by, forget_person

MORNING = datetime(2026, 5, 4, 8, tzinfo=UTC)
LATER = MORNING + timedelta(hours=1)
EVE = SignedIn("https://id.example.org eve", "eve@example.org", "Eve", MORNING)


@pytest.fixture
def roster(store: Store) -> Store:
    """Return a store with Eve and a planner, who have not signed in yet."""
    with store.atomic() as db:
        paul = new_person("Paul", email="paul@example.org", role=Role.PLANNER, status="active")
        add_people(db, [new_person("Eve Ely", email="eve@example.org"), paul])
    return store


def actions(store: Store, **wanted: Any) -> list[str]:
    with store.read() as db:
        return [entry.action for entry in list_entries(db, AuditFilter(**wanted))]


def person(store: Store, email: str = "eve@example.org"):
    with store.read() as db:
        return find_person_by(db, "email", email)


def change(store: Store, **values: object) -> None:
    with store.atomic() as db:
        change_person(db, person_id(store), **values)


def person_id(store: Store, email: str = "eve@example.org") -> str:
    known = person(store, email)
    assert known is not None
    return known.id


def test_whom_the_roster_knows_is_let_in_and_known_from_then_on(roster: Store) -> None:
    viewer = admit(roster, EVE)
    assert isinstance(viewer, Viewer)
    assert (viewer.role, viewer.name) == (Role.EMPLOYEE, "Eve Ely")
    move_meetup = replace(EVE, email="eve@new.example", name="Somebody")
    assert admit(roster, move_meetup) == viewer
    assert actions(roster, actor_id=viewer.id) == ["sign in"]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        (replace(EVE, email="una@example.org"), AdmissionRefusal.UNKNOWN),
        (replace(EVE, email=None), AdmissionRefusal.UNVERIFIED),
    ],
)
def test_whom_the_roster_does_not_know_is_not(
    roster: Store, who: SignedIn, why: AdmissionRefusal
) -> None:
    assert admit(roster, who) is why


def test_an_address_that_passed_on_opens_nobody_elses_account(roster: Store) -> None:
    admit(roster, EVE)
    assert (
        admit(roster, replace(EVE, subject="https://id.example.org other"))
        is AdmissionRefusal.UNKNOWN
    )


def test_the_store_has_the_last_word_on_a_role_until_the_next_sign_in(roster: Store) -> None:
    granted = replace(EVE, role=Role.PLANNER)
    assert admit(roster, granted).role is Role.PLANNER
    change(roster, role="employee")
    assert admit(roster, granted).role is Role.EMPLOYEE
    assert admit(roster, replace(granted, since=LATER)).role is Role.PLANNER
    assert admit(roster, replace(EVE, since=LATER + timedelta(hours=1))).role is Role.PLANNER


def test_who_leaves_a_group_loses_its_role(roster: Store) -> None:
    change(roster, role="admin")
    assert admit(roster, replace(EVE, role=Role.EMPLOYEE)).role is Role.EMPLOYEE
    assert "set a role" in actions(roster, subject_id=person_id(roster))


@pytest.mark.parametrize(
    ("role", "entered"),
    [(Role.ADMIN, True), (Role.PLANNER, True), (Role.EMPLOYEE, False), (None, False)],
)
def test_whom_the_settings_make_planner_or_admin_is_entered(
    store: Store, role: Role | None, entered: bool
) -> None:
    audited_read = admit(store, replace(EVE, role=role))
    assert (audited_read is not AdmissionRefusal.UNKNOWN) is entered
    assert (person(store) is not None) is entered


@pytest.mark.parametrize("first", [True, False])
def test_who_has_left_is_not_let_in(roster: Store, first: bool) -> None:
    if not first:
        admit(roster, EVE)
    change(roster, status="left")
    assert admit(roster, EVE) is AdmissionRefusal.LEFT
    assert admit(roster, replace(EVE, since=LATER)) is AdmissionRefusal.LEFT


def test_who_was_forgotten_is_a_stranger(roster: Store) -> None:
    admit(roster, EVE)
    with roster.atomic() as db:
        forget_person(db, person_id(roster))
    assert admit(roster, EVE) is AdmissionRefusal.UNKNOWN


def test_who_signs_out_is_out_wherever_the_sign_in_was_copied(roster: Store) -> None:
    admit(roster, EVE)
    end_sign_ins(roster, EVE.subject, EVE.since)
    assert admit(roster, EVE) is AdmissionRefusal.ENDED
    assert admit(roster, replace(EVE, since=MORNING - timedelta(hours=1))) is AdmissionRefusal.ENDED
    assert isinstance(admit(roster, replace(EVE, since=LATER)), Viewer)
    assert admit(roster, EVE) is AdmissionRefusal.ENDED
    end_sign_ins(roster, "nobody", LATER)


def test_a_sign_in_that_was_not_used_is_over_and_others_go_on(
    roster: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, idle = [LATER], timedelta(minutes=30)
    monkeypatch.setattr("geo.people.admission.now_utc", lambda: now[0])
    phone = replace(EVE, since=LATER)

    def let_in(who: SignedIn) -> bool:
        return isinstance(admit(roster, who, idle=idle), Viewer)

    assert let_in(EVE)
    assert let_in(phone)
    for _ in range(3):
        now[0] += timedelta(minutes=20)
        assert let_in(EVE)  # every use counts from anew
    assert admit(roster, phone, idle=idle) is AdmissionRefusal.IDLE  # and for this device alone
    now[0] += timedelta(minutes=31)
    assert admit(roster, EVE, idle=idle) is AdmissionRefusal.IDLE
    assert admit(roster, EVE, idle=idle) is AdmissionRefusal.IDLE  # to try again brings nobody back
    assert let_in(replace(EVE, since=now[0]))
    assert isinstance(admit(roster, EVE), Viewer)  # never, where it is not asked for


def test_sign_ins_are_ended_by_oneself_and_by_an_admin(roster: Store) -> None:
    ahead = replace(EVE, since=now_utc() + timedelta(seconds=20))  # the provider's clock is ahead
    admit(roster, EVE)
    admit(roster, ahead)
    eve, paul = person_id(roster), person(roster, "paul@example.org").id
    with pytest.raises(NotAllowed, match="may not end"):
        end_all_sign_ins(roster, paul, eve)  # a planner
    assert isinstance(admit(roster, ahead), Viewer)
    with roster.atomic() as db:
        change_person(db, paul, role="admin")
    end_all_sign_ins(roster, paul, eve)
    assert admit(roster, EVE) is AdmissionRefusal.ENDED
    assert admit(roster, ahead) is AdmissionRefusal.ENDED
    again = replace(EVE, since=ahead.since + timedelta(minutes=1))
    assert isinstance(admit(roster, again), Viewer)
    end_all_sign_ins(roster, eve, eve)
    assert admit(roster, again) is AdmissionRefusal.ENDED
    assert actions(roster, subject_id=eve).count("end somebody's sign-ins") == 3  # one was refused


def test_an_invitation_lets_in_who_it_was_sent_to_and_once(roster: Store) -> None:
    planner = person(roster, "paul@example.org").id
    (invitation,) = invite(roster, planner, ["ivy@example.org"], days=1)
    ivy = SignedIn("https://id.example.org ivy", "ivy@example.org", "Ivy", MORNING)
    with pytest.raises(NotAllowed, match="another e-mail"):
        admit(roster, replace(ivy, email="una@example.org"), token=invitation.token)
    assert admit(roster, ivy, token=invitation.token).name == "Ivy"
    una = replace(ivy, subject="https://id.example.org una", email="una@example.org")
    with pytest.raises(NotAllowed, match="used already"):
        admit(roster, una, token=invitation.token)


def test_who_was_invited_may_come_while_the_invitation_holds(roster: Store) -> None:
    planner = person_id(roster, "paul@example.org")
    ivy = replace(EVE, subject="https://id.example.org ivy", email="ivy@example.org", name="Ivy")
    (over,) = invite(roster, planner, ["ivy@example.org"], days=0)
    for token in ("", over.token):
        with pytest.raises(NotAllowed, match="invitation has expired"):
            admit(roster, ivy, token=token)
    assert isinstance(admit(roster, replace(ivy, role=Role.ADMIN)), Viewer)
    (over,) = invite(roster, planner, ["una@example.org"], days=0)
    una = replace(EVE, subject="https://id.example.org una", email="una@example.org", name="Una")
    invite(roster, planner, ["una@example.org"], days=1)
    with pytest.raises(NotAllowed, match="replaced"):
        admit(roster, replace(una, email="other@example.org"), token=over.token)
    assert isinstance(admit(roster, una), Viewer)  # the link may be lost, the address is theirs


def test_a_bad_invitation_keeps_nobody_out_whom_the_roster_knows(roster: Store) -> None:
    assert isinstance(admit(roster, EVE, token="forged" * 9), Viewer)


def test_a_refusal_is_kept(roster: Store) -> None:
    record_refusal(roster, None, "sign in", why="not on the roster")
    assert actions(roster, allowed=False) == ["sign in"]


def test_a_stranger_leaves_one_line_an_hour(roster: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [LATER]
    monkeypatch.setattr("geo.people.admission.now_utc", lambda: now[0])

    def knock(subject: str) -> None:
        record_refusal(roster, None, "sign in", subject=subject, why="not on the roster")

    for minute in range(0, 60, 3):
        now[0] = LATER + timedelta(minutes=minute)
        knock("https://id.example.org una")
        knock("https://id.example.org max")
    with roster.read() as db:
        entries = list_entries(db, AuditFilter(allowed=False))
    assert len(entries) == 2
    assert len({entry.detail["stranger"] for entry in entries}) == 2
    assert "una" not in str(entries)
    now[0] = LATER + timedelta(minutes=61)
    knock("https://id.example.org una")
    assert len(actions(roster, allowed=False)) == 3
    for _ in range(2):  # what somebody known tries is kept each time
        record_refusal(roster, person_id(roster), "see the audit")
    assert len(actions(roster, allowed=False)) == 5


@pytest.mark.parametrize(
    "address", ["\u212ait@example.org", "k\u0131t@example.org", "\uff4bit@example.org"]
)
@pytest.mark.parametrize("role", [None, Role.PLANNER])
def test_an_address_that_folds_to_anothers_is_nobodys(
    roster: Store, address: str, role: Role | None
) -> None:
    with roster.atomic() as db:
        add_people(db, [new_person("Kit", email="kit@example.org")])
    kit = person(roster, "kit@example.org")
    other = replace(EVE, subject="https://id.example.org other", email=address, role=role)
    audited_read = admit(roster, other)
    assert (
        audited_read is AdmissionRefusal.UNVERIFIED if role is None else audited_read.id != kit.id
    )
    assert person(roster, "kit@example.org") == kit
    planner = person_id(roster, "paul@example.org")
    (invitation,) = invite(roster, planner, ["kit@example.org"], days=1)
    if role is None:
        with pytest.raises(NotAllowed, match="another e-mail"):
            admit(roster, other, token=invitation.token)


def test_a_sign_in_lives_from_when_it_was_let_in_until_it_ends(
    roster: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, idle = [LATER], timedelta(minutes=30)
    monkeypatch.setattr("geo.people.admission.now_utc", lambda: now[0])

    def lives(who: SignedIn = EVE) -> bool:
        return is_signed_in(roster, who.subject, who.since, idle=idle)

    assert not lives()  # the provider knows them, but nobody has let them in
    admit(roster, EVE, idle=idle)
    assert lives()
    assert not lives(replace(EVE, since=LATER))
    assert not lives(replace(EVE, subject="https://id.example.org una"))
    now[0] += timedelta(minutes=31)
    assert not lives()  # and to ask is no use of it
    now[0] = LATER
    change(roster, status="left")
    assert not lives()
    change(roster, status="active")
    end_sign_ins(roster, EVE.subject, EVE.since)
    assert not lives()


WHO = {"subject": "issuer|17", "email": "Fen@Example.org", "name": "Fen"}


def test_an_invitation_is_good_once(crew: Store) -> None:
    (invitation,) = invite(crew, "pat", ["fen@example.org"], days=14)
    viewer = accept_invitation(crew, invitation.token, **WHO)
    assert (viewer.name, viewer.role, viewer.audience) == ("Fen", Role.EMPLOYEE, Audience.NOBODY)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="used already"):
            accept_invitation(crew, invitation.token, **WHO)
    with crew.read() as db:
        person = find_person_by(db, "subject", "issuer|17")
        assert person is not None
        assert (person.email, person.status) == ("fen@example.org", "active")


def test_a_changed_link_is_no_invitation(local_crew: Store) -> None:
    (invitation,) = invite(local_crew, "pat", ["fen@example.org"], days=14)
    for place, letter in enumerate(invitation.token):
        other = "A" if letter != "A" else "B"
        forged = invitation.token[:place] + other + invitation.token[place + 1 :]
        with pytest.raises(NotAllowed, match="no invitation of ours"):
            accept_invitation(local_crew, forged, **WHO)
    for nonsense in (
        "",
        "x",
        "é" * 64,
        "\ud800",
        invitation.token[:-1],
        invitation.token + "A",
        "A" * 64,
    ):
        with pytest.raises(NotAllowed, match="no invitation of ours"):
            accept_invitation(local_crew, nonsense, **WHO)


def test_an_invitation_expires(local_crew: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (invitation,) = invite(local_crew, "pat", ["fen@example.org"], days=14)
    later = clock.now_utc() + timedelta(days=14)
    monkeypatch.setattr("geo.people.admission.now_utc", lambda: later)
    with pytest.raises(NotAllowed, match="has expired"):
        accept_invitation(local_crew, invitation.token, **WHO)


def test_a_new_invitation_replaces_the_old_one(local_crew: Store) -> None:
    (old,) = invite(local_crew, "pat", ["fen@example.org"], days=14)
    (new,) = invite(local_crew, "pat", ["FEN@example.org "], days=14)
    assert old.person_id == new.person_id
    with pytest.raises(NotAllowed, match="replaced"):
        accept_invitation(local_crew, old.token, **WHO)
    accept_invitation(local_crew, new.token, **WHO)


@pytest.mark.parametrize("email", ["other@example.org", None, "fen@example.org.evil.example"])
def test_an_invitation_is_for_its_address(local_crew: Store, email: str | None) -> None:
    (invitation,) = invite(local_crew, "pat", ["fen@example.org"], days=14)
    with pytest.raises(NotAllowed, match="another e-mail address"):
        accept_invitation(local_crew, invitation.token, subject="issuer|18", email=email)


def test_nobody_takes_over_an_account_by_invitation(local_crew: Store) -> None:
    with local_crew.atomic() as db:
        change_person(db, "wren", subject="issuer|wren")
    (invitation,) = invite(local_crew, "pat", ["fen@example.org"], days=14)
    with pytest.raises(NotAllowed, match="cannot join"):
        accept_invitation(
            local_crew, invitation.token, subject="issuer|wren", email="fen@example.org"
        )


def test_nobody_becomes_who_signed_in_before_them(crew: Store) -> None:
    """A planner gives somebody an address of their own, and invites it as if they were new."""
    with crew.atomic() as db:
        change_person(db, "wren", subject="issuer|wren")
    change_member(crew, "pat", "wren", {"email": "pat.too@example.net", "status": "invited"})
    (invitation,) = invite(crew, "pat", ["pat.too@example.net"], days=14)
    with pytest.raises(NotAllowed, match="cannot join"):
        accept_invitation(
            crew, invitation.token, subject="issuer|pat2", email="pat.too@example.net"
        )
    with crew.read() as db:
        wren = find_person_by(db, "email", "pat.too@example.net")
    assert wren is not None
    assert wren.subject == "issuer|wren"


def test_employees_invite_nobody(local_crew: Store) -> None:
    with pytest.raises(NotAllowed, match="may not invite"):
        invite(local_crew, "wren", ["fen@example.org"], days=14)
    assert len(list_roster(local_crew, "pat")) == 6


def test_addresses_are_read_as_people_paste_them() -> None:
    assert check_emails("a@x.org, B@x.org;c@x.org\n a@x.org") == ["a@x.org", "b@x.org", "c@x.org"]
    for text in ("", "a@x", "a b@x.org", "<a@x.org>", "a@x.org\u202e", "a" * 300 + "@x.org"):
        with pytest.raises(InputError, match="e-mail address"):
            check_emails(text)


def test_tokens_are_kept_nowhere(local_crew: Store) -> None:
    (invitation,) = invite(local_crew, "pat", ["fen@example.org"], days=14)
    with local_crew.read() as db:
        dump = [
            tuple(row) for row in db.connection.exec_driver_sql("SELECT * FROM invitations").all()
        ]
    assert invitation.token not in str(dump)
    assert invitation.token not in str(read_audit(local_crew, "ada"))


def test_an_own_computer_has_one_user_who_may_do_everything(store: Store) -> None:
    viewer = local_viewer(store)
    assert (viewer.id, viewer.role) == (LOCAL_ID, Role.ADMIN)
    assert local_viewer(store) == viewer
    with store.read() as db:
        assert viewer_by_id(db, LOCAL_ID) == viewer


def test_who_has_left_looks_at_nothing(local_crew: Store) -> None:
    with local_crew.atomic() as db:
        change_person(db, "pat", status="left")
        add_people(db, [new_person("Someone")])
        assert viewer_by_id(db, "pat") is None
    with pytest.raises(NotAllowed):
        list_roster(local_crew, "pat")


def test_a_role_counts_as_it_is_now(local_crew: Store) -> None:
    assert list_roster(local_crew, "pat")
    with local_crew.atomic() as db:
        change_person(db, "pat", role="employee")
    with pytest.raises(NotAllowed, match="may not see the roster"):
        list_roster(local_crew, "pat")
