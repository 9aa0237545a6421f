"""Coming in: by invitation, by sign-in, and on one's own computer."""

from __future__ import annotations

from datetime import timedelta

import pytest

from geo.errors import InputError, NotAllowed
from geo.people import (
    LOCAL_ID,
    accept_invitation,
    change_member,
    check_emails,
    check_invitation,
    find_viewer,
    invite,
    list_roster,
    local_viewer,
    read_audit,
)
from geo.people import acting as clock
from geo.people.joining import new_person
from geo.privacy import Audience, Role
from geo.store import Store, add_people, change_person, find_by

WHO = {"subject": "issuer|17", "email": "Fen@Example.org", "name": "Fen"}


def test_an_invitation_is_good_once(crew: Store) -> None:
    (invitation,) = invite(crew, "pat", ["fen@example.org"], days=14)
    assert check_invitation(crew, invitation.token) == invitation.expires_at
    viewer = accept_invitation(crew, invitation.token, **WHO)
    assert (viewer.name, viewer.role, viewer.audience) == ("Fen", Role.EMPLOYEE, Audience.NOBODY)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="used already"):
            accept_invitation(crew, invitation.token, **WHO)
    with crew.read() as db:
        person = find_by(db, "subject", "issuer|17")
        assert person is not None
        assert (person.email, person.status) == ("fen@example.org", "active")


def test_a_changed_link_is_no_invitation(local_crew: Store) -> None:
    (invitation,) = invite(local_crew, "pat", ["fen@example.org"], days=14)
    for place, letter in enumerate(invitation.token):
        other = "A" if letter != "A" else "B"
        forged = invitation.token[:place] + other + invitation.token[place + 1 :]
        with pytest.raises(NotAllowed, match="no invitation of ours"):
            check_invitation(local_crew, forged)
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
    monkeypatch.setattr("geo.people.joining.now_utc", lambda: later)
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
        wren = find_by(db, "email", "pat.too@example.net")
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
    assert find_viewer(store, LOCAL_ID) == viewer


def test_who_has_left_looks_at_nothing(local_crew: Store) -> None:
    with local_crew.atomic() as db:
        change_person(db, "pat", status="left")
        add_people(db, [new_person("Someone")])
    assert find_viewer(local_crew, "pat") is None
    with pytest.raises(NotAllowed):
        list_roster(local_crew, "pat")


def test_a_role_counts_as_it_is_now(local_crew: Store) -> None:
    assert list_roster(local_crew, "pat")
    with local_crew.atomic() as db:
        change_person(db, "pat", role="employee")
    with pytest.raises(NotAllowed, match="may not see the roster"):
        list_roster(local_crew, "pat")
