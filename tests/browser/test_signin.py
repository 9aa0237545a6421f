"""Signing in at a real provider on this computer, and what each role then sees."""

from __future__ import annotations

import http.client
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from geo import texts
from geo.people.admission import end_all_sign_ins, invite, new_person
from geo.people.authorised import OPERATOR_ID
from geo.people.profile import forget
from geo.privacy import Action, Role
from geo.region import Region
from geo.store import Store
from geo.store.audit import AuditFilter, list_entries
from geo.store.people import add_people, change_person, find_person_by
from geo.store.sign_ins import find_sign_ins
from geo.texts import members as members_texts
from geo.texts import profile as profile_texts
from geo.ui.navigation import PAGES
from tests.browser.access import serious
from tests.browser.conftest import DESKTOP, ROOT, await_health, free_port, lasting, serve

pytestmark = pytest.mark.browser

CLAIMS = {
    "ada": {"email": "ada@example.org", "email_verified": True, "name": "Ada Abbot"},
    "paul": {"email": "paul@example.org", "email_verified": True, "name": "Paul Pym"},
    "eve": {"email": "eve@example.org", "email_verified": True, "name": "Eve Ely"},
    "una": {"email": "una@example.org", "email_verified": True, "name": "Una"},
    "ivy": {"email": "ivy@example.org", "email_verified": True, "name": "Ivy"},
}
EVERYBODYS = {texts.NEAR, texts.HALFWAY, texts.COLLEAGUES, texts.PROFILE, texts.REGIONS}
PLANNERS = {texts.PLAN, texts.COVERAGE, texts.MEETUPS, texts.ROSTER, texts.VENUES}
SEEN = {
    "eve": EVERYBODYS,
    "paul": EVERYBODYS | PLANNERS,
    "ada": EVERYBODYS | PLANNERS | {texts.AUDIT},
}


@dataclass(frozen=True)
class Site:
    """An app that people sign in to, and its store."""

    url: str
    store: Store

    def person(self, sub: str) -> str:
        with self.store.read() as db:
            person = find_person_by(db, "email", str(CLAIMS[sub]["email"]))
        assert person is not None
        return person.id

    def last_end(self, sub: str) -> float:
        """Return when sign-ins of somebody were ended last, in seconds; 0 where none were."""
        with self.store.read() as db:
            person = find_person_by(db, "email", str(CLAIMS[sub]["email"]))
            sign_ins = person and find_sign_ins(db, person.id)
        return sign_ins.ended.timestamp() if sign_ins and sign_ins.ended else 0.0

    def set_role(self, sub: str, role: Role) -> None:
        with self.store.atomic() as db:
            change_person(db, self.person(sub), role=role.value)

    def refused(self, sub: str) -> list[str]:
        with self.store.read() as db:
            wanted = AuditFilter(actor_id=self.person(sub), allowed=False)
            return [entry.action for entry in list_entries(db, wanted)]


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an OpenID provider that knows some people."""
    port = free_port()
    users = [json.dumps({"sub": sub, **claims}) for sub, claims in CLAIMS.items()]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--host", "localhost"]
    command += [f"--port={port}", *(f"--user-claims={user}" for user in users)]
    log = tmp_path_factory.mktemp("provider") / "provider.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    try:
        await_health(process, port, log, host="localhost", path=METADATA)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


METADATA = "/.well-known/openid-configuration"


@pytest.fixture(scope="module")
def signed(
    provider: str, county: Region, regions_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """An app that people sign in to; Ada is its admin, Paul a planner, Eve an employee."""
    data_dir = tmp_path_factory.mktemp("signed")
    shutil.copytree(regions_dir / county.name, data_dir / "regions" / county.name)
    store = Store.open(f"sqlite:///{data_dir / 'crossroads.sqlite'}")
    with store.atomic() as db:
        add_people(
            db,
            [
                new_person("Paul Pym", email="paul@example.org", role=Role.PLANNER),
                new_person("Eve Ely", email="eve@example.org"),
            ],
        )
    port = free_port()
    environ = {
        "CROSSROADS_URL": f"http://localhost:{port}",
        "CROSSROADS_OIDC_METADATA_URL": provider + METADATA,
        "CROSSROADS_OIDC_CLIENT_ID": "crossroads",
        "CROSSROADS_OIDC_CLIENT_SECRET": "of-a-client",
        "CROSSROADS_COOKIE_SECRET": "of-cookies-of-cookies-of-cookies!",
        "CROSSROADS_ADMINS": "ada@example.org",
    }
    for _ in serve(ROOT / "app.py", data_dir, port=port, environ=environ):
        yield Site(f"http://localhost:{port}", store)
    log = (data_dir / "app.log").read_text()
    store.close()
    for secret in ("of-a-client", "of-cookies", "example.org", "invite=", "code="):
        assert secret not in log


@pytest.fixture(scope="module")
def seats(chromium: Browser) -> Iterator[list[BrowserContext]]:
    """Where visitors sit, one after the other."""
    with ExitStack() as stack:
        seat = contextmanager(lasting)
        yield [stack.enter_context(seat(chromium, DESKTOP, "localhost")) for _ in range(2)]


@pytest.fixture
def visitor(seats: list[BrowserContext]) -> Iterator[Callable[[], BrowserContext]]:
    """Return a function that seats a new visitor, who has no cookies and nothing else kept."""
    free = list(seats)
    yield free.pop
    for seat in seats:
        empty, *others = seat.pages
        wire = seat.new_cdp_session(empty)
        for page in others:
            kept = {"origin": page.evaluate("origin"), "storageTypes": "all"}
            page.close()
            wire.send("Storage.clearDataForOrigin", kept)
        wire.detach()
        seat.clear_cookies()


def sign_in(context: BrowserContext, site: Site, sub: str, path: str = "/regions") -> Page:
    page = context.new_page()
    page.goto(site.url + path)
    page.get_by_role("button", name=profile_texts.SIGN_IN).click()
    say_who(page, site, sub)
    return page


def say_who(page: Page, site: Site, sub: str) -> None:
    """Choose a name at the provider.

    A token tells the second alone, and the second in which sign-ins were ended is over with them.
    """
    name = page.locator(f"button[name=sub][value='{sub}']").first  # its label is the version's own
    name.wait_for()
    page.wait_for_function("s => Date.now() > 1000 * s", arg=int(site.last_end(sub)) + 1)
    name.click()


def expect_ways(page: Page, titles: set[str]) -> None:
    """Hold the pages that are offered to their titles."""
    page.locator(".st-key-navigation").get_by_role("button").click()
    links = page.get_by_test_id("stPageLink-NavLink")
    for entry in PAGES:
        offered = links.filter(has_text=entry.title)
        expect(offered).to_have_count(1 if entry.title in titles else 0)
    page.keyboard.press("Escape")


@pytest.mark.parametrize("sub", SEEN)
def test_each_role_sees_what_the_table_allows_and_nothing_else(signed, visitor, sub: str) -> None:
    page = sign_in(visitor(), signed, sub)
    expect_ways(page, SEEN[sub])
    for entry in PAGES:
        if entry.title not in SEEN[sub]:
            page.goto(f"{signed.url}/{Path(entry.file).stem}")
            expect(page.get_by_text(profile_texts.FORBIDDEN[entry.needs])).to_be_visible()
            assert page.locator("h1").count() == 0
            assert entry.needs.value in signed.refused(sub)


def test_nobody_sees_anything_before_signing_in(signed, visitor) -> None:
    page = visitor().new_page()
    for entry in PAGES:
        page.goto(f"{signed.url}/{Path(entry.file).stem}")
        expect(page.get_by_role("heading", name=profile_texts.TITLE)).to_be_visible()
        assert page.locator(".st-key-navigation").count() == 0
    assert serious(page) == []
    fonts = page.evaluate("[...document.fonts].filter(one => one.status === 'error').length")
    assert fonts == 0


def test_whom_the_roster_does_not_know_stays_outside(signed, visitor) -> None:
    page = sign_in(visitor(), signed, "una")
    expect(page.get_by_role("heading", name=profile_texts.NOT_ON_ROSTER_TITLE)).to_be_visible()
    expect(page.get_by_text("una@example.org")).to_be_visible()
    assert page.locator(".st-key-navigation").count() == 0


def test_a_role_is_gone_with_the_next_click(signed, visitor) -> None:
    page = sign_in(visitor(), signed, "paul", "/coverage")
    expect(page.locator("h1").first).to_be_visible()
    signed.set_role("paul", Role.EMPLOYEE)
    try:
        page.locator(".st-key-navigation").get_by_text(texts.PLAN).click()
        expect(page.get_by_text(profile_texts.FORBIDDEN[Action.PLAN])).to_be_visible()
        expect_ways(page, SEEN["eve"])
    finally:
        signed.set_role("paul", Role.PLANNER)


def test_signing_out_ends_every_tab_and_every_copy_of_the_cookie(signed, visitor) -> None:
    context, thief = visitor(), visitor()
    page = sign_in(context, signed, "eve", "/regions?region=county")
    expect(page.locator(".st-key-account")).to_contain_text("Eve Ely")
    assert page.url.endswith("/regions?region=county")
    other = context.new_page()
    other.goto(signed.url + "/regions")
    expect(other.locator("h1")).to_be_visible()
    thief.add_cookies(context.cookies())
    page.locator(".st-key-account").get_by_role("button").click()
    page.get_by_role("button", name=profile_texts.SIGN_OUT).click()
    page.get_by_role("button", name="End session").click()  # at the provider
    expect(page.get_by_role("heading", name=profile_texts.TITLE)).to_be_visible()
    other.locator(".st-key-navigation").get_by_text(texts.NEAR).click()
    expect(other.get_by_text(profile_texts.SIGN_IN_ENDED)).to_be_visible()
    stolen = thief.new_page()
    stolen.goto(signed.url)
    expect(stolen.get_by_text(profile_texts.SIGN_IN_ENDED)).to_be_visible()


def test_ended_sign_ins_are_over_at_the_next_click_and_one_may_come_back(signed, visitor) -> None:
    eve = sign_in(visitor(), signed, "eve", "/regions")
    expect(eve.locator("h1").first).to_be_visible()
    end_all_sign_ins(signed.store, OPERATOR_ID, signed.person("eve"))
    eve.locator(".st-key-navigation").get_by_text(texts.NEAR).click()
    expect(eve.get_by_text(profile_texts.SIGN_IN_ENDED)).to_be_visible()
    eve.get_by_role("button", name=profile_texts.SIGN_IN).click()
    say_who(eve, signed, "eve")
    expect(eve.locator(".st-key-account")).to_contain_text("Eve Ely")


def test_one_click_on_the_profile_signs_out_everywhere(signed, visitor) -> None:
    elsewhere = sign_in(visitor(), signed, "eve", "/regions")
    expect(elsewhere.locator("h1").first).to_be_visible()
    page = sign_in(visitor(), signed, "eve", "/profile?region=county")
    page.get_by_role("button", name=profile_texts.SIGN_OUT_ALL).click()
    page.get_by_role("button", name="End session").click()  # at the provider
    expect(page.get_by_role("heading", name=profile_texts.TITLE)).to_be_visible()
    elsewhere.locator(".st-key-navigation").get_by_text(texts.NEAR).click()
    expect(elsewhere.get_by_text(profile_texts.SIGN_IN_ENDED)).to_be_visible()


def test_an_admin_ends_somebodys_sign_ins_by_a_button(signed, visitor) -> None:
    eve = sign_in(visitor(), signed, "eve", "/regions")
    expect(eve.locator("h1").first).to_be_visible()
    ada = sign_in(visitor(), signed, "ada", "/roster?region=county")
    ada.get_by_label(members_texts.FILTER).fill("eve@example.org")
    ada.get_by_label(members_texts.FILTER).press("Enter")
    expect(ada.get_by_text("1 to 1 of 1")).to_be_visible()
    ada.get_by_test_id("stDataFrame").click(position={"x": 16, "y": 52})
    ada.get_by_role("button", name=members_texts.END_SIGN_INS).click()
    expect(ada.get_by_text(members_texts.SIGN_INS_ENDED)).to_be_visible()
    eve.locator(".st-key-navigation").get_by_text(texts.NEAR).click()
    expect(eve.get_by_text(profile_texts.SIGN_IN_ENDED)).to_be_visible()


@pytest.mark.parametrize("how", ["expired", "replaced", "forged"])
def test_an_invitation_that_is_none_any_more_says_so(signed, visitor, how: str) -> None:
    planner, address = signed.person("paul"), str(CLAIMS["una"]["email"])
    (invitation,) = invite(signed.store, planner, [address], days=0 if how == "expired" else 1)
    token = "x" * 64 if how == "forged" else invitation.token
    invite(signed.store, planner, [address], days=0)
    page = visitor().new_page()
    page.goto(f"{signed.url}/?invite={token}")
    page.get_by_role("button", name=profile_texts.SIGN_IN).click()
    say_who(page, signed, "una")
    expect(page.get_by_role("heading", name=profile_texts.INVITATION_TITLE)).to_be_visible()
    assert page.locator(".st-key-navigation").count() == 0
    forget(signed.store, OPERATOR_ID, signed.person("una"))


def test_an_invitation_lets_in(signed, visitor) -> None:
    planner = signed.person("paul")
    (invitation,) = invite(signed.store, planner, ["ivy@example.org"], days=1)
    context = visitor()
    page = context.new_page()
    page.goto(f"{signed.url}/?invite={invitation.token}")
    expect(page.get_by_text(profile_texts.INVITED)).to_be_visible()
    assert "invite" not in page.url
    page.get_by_role("button", name=profile_texts.SIGN_IN).click()
    say_who(page, signed, "ivy")
    expect(page.locator(".st-key-account")).to_contain_text("Ivy")


@pytest.mark.parametrize(
    "path", ["/", "/_stcore/health", "/crossroads/health", "/media/none", "/auth/logout"]
)
def test_the_running_app_answers_with_safe_headers(signed, path: str) -> None:
    parts = urlsplit(signed.url)
    with closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)) as wire:
        wire.request("GET", path, headers={"Host": parts.netloc, "Origin": "https://evil.example"})
        headers = wire.getresponse().headers
    policy = headers["content-security-policy"]
    for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert directive in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] in {"no-store", "no-cache"}
    assert "access-control-allow-origin" not in headers


def test_an_admin_reads_who_was_refused_and_takes_it_along(signed, visitor) -> None:
    context = visitor()
    page = sign_in(context, signed, "ada", "/audit")
    expect(page.get_by_role("heading", name="entries")).to_be_visible()
    assert serious(page) == []
    with page.expect_download() as taken:
        page.get_by_role("button", name="Export as CSV").click()
    assert visitor().request.get(taken.value.url).status == 404
    assert context.request.get(taken.value.url).status == 200
    lines = taken.value.path().read_text("utf-8").splitlines()
    assert lines[0] == "when,who,what,affected person,outcome,details"
    assert any(",Ada Abbot,See the audit," in line for line in lines)
    cookies = [one for one in context.cookies() if one["path"] == "/"]
    assert {one["name"] for one in cookies if not one["httpOnly"]} <= {"_streamlit_xsrf"}
    assert {one["sameSite"] for one in cookies} == {"Lax"}


def test_a_local_app_has_one_user_who_is_its_admin(visit, desktop: BrowserContext) -> None:
    page = visit(desktop, "audit", wait_for="h3")
    assert page.locator(".st-key-account").count() == 0
    expect_ways(page, SEEN["ada"])
