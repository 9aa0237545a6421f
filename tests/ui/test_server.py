"""The app as it runs, spoken to as browsers and programs do: who may ask it, and whom it asks."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from geo.people.admission import end_all_sign_ins, new_person
from geo.people.authorised import OPERATOR_ID
from geo.region import Region
from geo.store import Store
from geo.store.people import add_people, find_person_by
from geo.texts import profile as profile_texts
from geo.texts.members import INTERRUPTED
from geo.ui.navigation import PAGES
from geo.ui.web.security import USER_COOKIE
from geo.ui.web.websocket import MESSAGE_BYTES
from tests.browser.conftest import ROOT, free_port, serve

SWALLOWING = '''
"""A network that swallows everything but what stays on this computer, and writes down what."""
import os, socket, time

HERE = ("127.", "::1", "localhost", "/")

def swallow(what):
    with open(os.environ["SWALLOWED"], "a") as log:
        log.write(f"{what}\\n")
    time.sleep(8)
    raise TimeoutError(what)

def watch(name):
    inner = getattr(socket.socket, name)
    def outer(self, *args):
        address = args[-1]
        host = address[0] if isinstance(address, tuple) else address
        if self.family != socket.AF_UNIX and not str(host).startswith(HERE):
            swallow(f"{name} {address}")
        return inner(self, *args)
    setattr(socket.socket, name, outer)

for name in ("connect", "connect_ex", "sendto"):
    watch(name)
resolve = socket.getaddrinfo

def getaddrinfo(host, *args, **options):
    if host is not None and not str(host).startswith((*HERE, "0.0.0.0", "::")):
        swallow(f"getaddrinfo {host}")
    return resolve(host, *args, **options)

socket.getaddrinfo = getaddrinfo
'''
PATIENCE_S = 60
SECRET = "of-cookies-" * 3


class Proxy:
    """Writes down what it is asked for, and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(200))


class Server:
    """A running app, and what it asked of others."""

    def __init__(self, url: str, swallowed: Path, proxy: Proxy, log: Path) -> None:
        self.netloc = urlsplit(url).netloc
        self.url = f"http://{self.netloc}"
        self.swallowed = swallowed
        self.proxy = proxy
        self.log = log

    def asked(self) -> list[str]:
        """Return what it asked of other computers."""
        lines = self.swallowed.read_text().splitlines() if self.swallowed.exists() else []
        return [*lines, *map(str, self.proxy.asked)]

    def get(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[int, str]:
        """Return the status and the text of an answer."""
        host, port = self.netloc.split(":")
        with closing(http.client.HTTPConnection(host, int(port), timeout=PATIENCE_S)) as wire:
            wire.request(method, path, body, headers)
            answer = wire.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")

    @asynccontextmanager
    async def socket(self, *also: str, **headers: str) -> AsyncIterator[ClientConnection]:
        """Open the WebSocket of a page, as a browser does unless told otherwise."""
        headers = {"Origin": self.url, **headers}
        async with connect(
            f"ws://{self.netloc}/_stcore/stream",
            subprotocols=["streamlit", *also],
            additional_headers={key: value for key, value in headers.items() if value},
            max_size=None,
            proxy=None,
        ) as wire:
            yield wire


def serving(
    region: Path,
    data_dir: Path,
    hooks: Path,
    environ: Mapping[str, str],
    *,
    port: int | None = None,
) -> Iterator[Server]:
    """Run the app with a region, on a network that swallows everything."""
    shutil.copytree(region, data_dir / "regions" / region.name)
    (hooks / "sitecustomize.py").write_text(SWALLOWING)
    proxy = Proxy()
    environ = {
        "PYTHONPATH": os.pathsep.join(map(str, (hooks, ROOT))),
        "SWALLOWED": str(hooks / "swallowed"),
        **dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), proxy.url),
        "no_proxy": "",
        **environ,
    }
    for url in serve(ROOT / "app.py", data_dir, port=port, environ=environ):
        yield Server(url, hooks / "swallowed", proxy, data_dir / "app.log")
    proxy.listener.close()


def sign_in_settings(port: int) -> dict[str, str]:
    """Return the settings of an app that people sign in to; nobody asks the provider here."""
    return {
        "CROSSROADS_URL": f"http://127.0.0.1:{port}",
        "CROSSROADS_OIDC_METADATA_URL": "http://localhost:9/none",
        "CROSSROADS_OIDC_CLIENT_ID": "crossroads",
        "CROSSROADS_OIDC_CLIENT_SECRET": "of-a-client",
        "CROSSROADS_COOKIE_SECRET": SECRET,
    }


@pytest.fixture(scope="module")
def server(
    county: Region, regions_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """An app of one's own computer."""
    folders = [tmp_path_factory.mktemp(name) for name in ("server", "hooks")]
    yield from serving(regions_dir / county.name, folders[0], folders[1], {})


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('store') / 'crossroads.sqlite'}"
        return
    address = request.getfixturevalue("postgresql")
    new_database(address, "web")
    yield address.format("web")


@pytest.fixture(scope="module")
def signed(
    county: Region, regions_dir: Path, store_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Store]]:
    """An app that people sign in to, and its store, which knows Eve and Paul."""
    store = Store.open(store_url)
    with store.atomic() as db:
        add_people(db, [new_person(who, email=f"{who}@example.org") for who in ("eve", "paul")])
    port = free_port()
    environ = {"CROSSROADS_DATABASE_URL": store_url, **sign_in_settings(port)}
    folders = [tmp_path_factory.mktemp(name) for name in ("signed", "hooks")]
    for server in serving(regions_dir / county.name, *folders, environ, port=port):
        yield server, store
    store.close()


def run(talk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Talk, in a thread of its own: the browser tests keep an event loop running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asyncio.wait_for(talk(), PATIENCE_S)).result()


async def is_refused(server: Server, **headers: str) -> bool:
    try:
        async with server.socket(**headers):
            return False
    except InvalidStatus as refused:
        return refused.response.status_code == 403


def rerun(**widgets: Any) -> bytes:
    """Return the message of a click, with the states of widgets by their ids."""
    message = BackMsg()
    message.rerun_script.query_string = ""
    for key, (field, value) in widgets.items():
        state = message.rerun_script.widget_states.widgets.add()
        state.id = key
        setattr(state, field, value)
    return message.SerializeToString()


async def finished(wire: ClientConnection) -> list[ForwardMsg]:
    """Return what the server sends until a run is over."""
    messages = []
    while True:
        message = ForwardMsg.FromString(await wire.recv())
        messages.append(message)
        if message.WhichOneof("type") == "script_finished":
            return messages


def test_no_page_elsewhere_makes_the_server_call_out_or_wait(server: Server) -> None:
    origins = ["https://evil.example", "http://localhost:3000", "null", "http://10.0.0.7:8501", ""]

    async def talk() -> None:
        refused = asyncio.gather(*(is_refused(server, Origin=origin) for origin in origins))
        health = asyncio.to_thread(server.get, "/crossroads/health")
        status, _ = await asyncio.wait_for(health, 5)  # the network swallows for 8
        assert status == 200
        assert await refused == [True] * len(origins)

    run(talk)
    assert server.asked() == []


def test_a_page_of_its_own_is_drawn(server: Server) -> None:
    async def talk() -> None:
        async with server.socket() as wire:
            await wire.send(rerun())
            kinds = {message.WhichOneof("type") for message in await finished(wire)}
            assert {"new_session", "delta"} <= kinds

    run(talk)
    assert server.asked() == []


def frame_header(size: int, opcode: int = 2, *, is_last: bool = True) -> bytes:
    """Return the header of a client's frame of some length (RFC 6455, section 5.2)."""
    return bytes([is_last << 7 | opcode, 0x80 | 127]) + size.to_bytes(8, "big") + bytes(4)


@pytest.mark.parametrize(
    "sent",
    [
        frame_header(MESSAGE_BYTES + 1),
        frame_header(10, is_last=False) + bytes(10) + frame_header(MESSAGE_BYTES - 9, 0),
    ],
    ids=["one frame", "two fragments"],
)
def test_a_long_message_is_refused_by_its_header_before_it_comes(
    server: Server, sent: bytes
) -> None:
    async def talk() -> None:
        async with server.socket() as wire:
            wire.transport.write(sent)
            await wire.wait_closed()
            assert wire.close_code == 1009

    run(talk)


def test_the_start_asks_nobody(server: Server) -> None:
    assert server.asked() == []
    assert "External URL" not in server.log.read_text()


class Visitor:
    """Somebody at a browser: signed in at this moment, or a stranger."""

    def __init__(self, server: Server, who: str = "") -> None:
        self.server = server
        self.session = ""
        with closing(http.client.HTTPConnection(server.netloc, timeout=PATIENCE_S)) as wire:
            wire.request("GET", "/_stcore/health")
            given = wire.getresponse().headers.get_all("set-cookie") or []
        self.xsrf = next(one for one in given if "_xsrf=" in one).split(";")[0].partition("=")[2]
        jar = {"_streamlit_xsrf": self.xsrf, "crossroads_browser": f"browser of {who}"}
        if who:
            claims = {
                "is_logged_in": True,
                "origin": server.url,
                "iss": "https://id.example.org",
                "sub": who,
                "iat": time.time(),
                "email": f"{who}@example.org",
                "email_verified": True,
            }
            jar[USER_COOKIE] = create_signed_value(SECRET, USER_COOKIE, json.dumps(claims)).decode()
        self.cookie = "; ".join(f"{name}={value}" for name, value in jar.items())

    @asynccontextmanager
    async def page(self, path: str = "") -> AsyncIterator[ClientConnection]:
        """Open a page, and wait until it is drawn."""
        async with self.server.socket(self.xsrf, Cookie=self.cookie) as wire:
            message = BackMsg()
            message.rerun_script.page_name = path
            await wire.send(message.SerializeToString())
            self.drawn = await finished(wire)
            new = next(one.new_session for one in self.drawn if one.HasField("new_session"))
            self.session = new.initialize.session_id
            yield wire

    def shows(self, text: str) -> bool:
        return any(text.encode() in one.SerializeToString() for one in self.drawn)

    def ask(self, path: str, method: str = "GET", body: bytes | None = None) -> tuple[int, str]:
        headers = {"Cookie": self.cookie, "X-Xsrftoken": self.xsrf, "Origin": self.server.url}
        if body is not None:
            headers["Content-Type"] = "multipart/form-data; boundary=part"
        return self.server.get(path, method, body, **headers)

    def upload(self, content: bytes, *, session: str = "") -> tuple[int, str]:
        head = b'Content-Disposition: form-data; name="f"; filename="a.csv"'
        body = b"\r\n".join((b"--part", head, b"", content, b"--part--", b""))
        return self.ask(f"/_stcore/upload_file/{session or self.session}/1", "PUT", body)


def test_uploads_are_for_ones_own_session_while_the_sign_in_lives(
    signed: tuple[Server, Store],
) -> None:
    server, store = signed

    async def talk() -> None:
        eve, paul, stranger = (Visitor(server, who) for who in ("eve", "paul", ""))
        async with eve.page() as wire, paul.page(), stranger.page():
            assert not eve.shows(profile_texts.TITLE)
            await wire.send(rerun())
            await finished(wire)
            assert stranger.shows(profile_texts.TITLE)
            status = await asyncio.to_thread(eve.upload, b"name\neve\n")
            assert status == (204, "")
            assert (await asyncio.to_thread(stranger.upload, b"x"))[0] == 403
            assert (await asyncio.to_thread(paul.upload, b"x", session=eve.session))[0] == 403
            large = b"x" * (21 * 1024 * 1024)
            status, text = await asyncio.to_thread(eve.upload, large)
            assert (status, "larger than 20 MB" in text) == (413, True)
            with store.read() as db:
                person = find_person_by(db, "email", "eve@example.org")
            assert person is not None
            end_all_sign_ins(store, OPERATOR_ID, person.id)
            assert (await asyncio.to_thread(eve.upload, b"x"))[0] == 403
            eve.drawn = await finished(wire)  # by itself: nobody clicks
            assert eve.shows(profile_texts.SIGN_IN_ENDED)
        async with eve.page():
            assert eve.shows(profile_texts.SIGN_IN_ENDED)

    run(talk)
    assert server.asked() == []


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/script-health-check"])
def test_nobody_reads_what_is_for_operators(signed: tuple[Server, Store], path: str) -> None:
    server, _ = signed
    for visitor in (Visitor(server, "paul"), Visitor(server)):
        assert visitor.ask(path)[0] == 404
        assert visitor.ask("/_stcore/health") == (200, "ok")
        assert visitor.ask("/crossroads/health")[0] == 200


def widgets(messages: Sequence[ForwardMsg]) -> dict[str, str]:
    """Return the ids of the widgets of a page that was drawn, by their kinds; one of each."""
    found = {}
    for message in messages:
        if message.WhichOneof("type") == "delta" and message.delta.HasField("new_element"):
            element = message.delta.new_element
            kind = element.WhichOneof("type") or ""
            if key := getattr(getattr(element, kind), "id", ""):
                found[kind] = key
    return found


def test_every_page_says_once_that_an_import_was_interrupted(server: Server) -> None:
    visitor = Visitor(server)

    async def talk() -> None:
        async with server.socket(visitor.xsrf, Cookie=visitor.cookie) as wire:
            message = BackMsg()
            message.rerun_script.page_name = "profile"
            message.rerun_script.query_string = "import=0badcafe"  # begun by a process that ended
            told = []
            for _ in range(2):
                await wire.send(message.SerializeToString())
                visitor.drawn = await finished(wire)
                told.append(visitor.shows(INTERRUPTED[:40]))
                message.rerun_script.query_string = ""
            assert told == [True, False]

    run(talk)


WRONG = {
    "text for a component": ("bidi_component", "string_value", "x"),
    "JSON that is none": ("bidi_component", "json_value", "{"),
    "JSON that is a text": ("bidi_component", "json_value", '"x"'),
    "what is no option": ("selectbox", "string_value", "nonsense"),
    "a number for text": ("text_input", "int_value", 7),
    "bytes for a switch": ("checkbox", "bytes_value", b"x"),
    "text for a number": ("number_input", "string_value", "many"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_value_that_a_widget_cannot_have_ends_with_its_sender(server: Server, what: str) -> None:
    kind, field, value = WRONG[what]
    visitor, other = Visitor(server), Visitor(server)

    async def talk() -> None:
        async with visitor.page("profile") as wire, other.page("profile"):
            wrong = BackMsg()
            wrong.rerun_script.page_name = "profile"
            state = wrong.rerun_script.widget_states.widgets.add()
            state.id = widgets(visitor.drawn)[kind]
            setattr(state, field, value)
            before = server.log.read_text()
            await wire.send(wrong.SerializeToString())
            visitor.drawn = await finished(wire)
            assert kind in widgets(visitor.drawn)  # the page is whole
            lines = server.log.read_text().removeprefix(before).splitlines()
            assert lines == ["ignored a value that a widget cannot have"]

    run(talk)


class Relay:
    """A way to a PostgreSQL server that can be cut."""

    def __init__(self, there: str) -> None:
        self.folder = tempfile.mkdtemp(prefix="crossroads-relay-")
        self.there = f"{there}/.s.PGSQL.5432"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{self.folder}/.s.PGSQL.5432")
        self.listener.listen()
        self.ends = [self.listener]
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for end in self.ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _listen(self) -> None:
        while True:
            try:
                here, _ = self.listener.accept()
            except OSError:
                return
            there = socket.socket(socket.AF_UNIX)
            there.connect(self.there)
            self.ends += [here, there]
            for ends in ((here, there), (there, here)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(65536):
                there.sendall(data)


def new_database(address: str, name: str) -> None:
    engine = create_engine(
        address.format("postgres").replace("postgresql:", "postgresql+psycopg:"),
        isolation_level="AUTOCOMMIT",
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()


@pytest.mark.parametrize("local", [True, False])
def test_a_database_that_dies_is_said_on_every_page(
    county: Region, regions_dir: Path, postgresql: str, tmp_path: Path, local: bool
) -> None:
    name = f"dies_{'local' if local else 'signed'}"
    new_database(postgresql, name)
    relay = Relay(postgresql.partition("host=")[2])
    url = f"postgresql://crossroads@/{name}?host={relay.folder}"
    with closing(Store.open(url)) as store, store.atomic() as db:
        add_people(db, [new_person("eve", email="eve@example.org")])
    port = free_port()
    environ = {"CROSSROADS_DATABASE_URL": url, **({} if local else sign_in_settings(port))}
    (tmp_path / "hooks").mkdir()
    said = "The database cannot be reached" if local else profile_texts.UNAVAILABLE_TITLE
    folders = (regions_dir / county.name, tmp_path / "data", tmp_path / "hooks")
    for server in serving(*folders, environ, port=port):
        eve = Visitor(server, "" if local else "eve")

        async def talk(server: Server = server, eve: Visitor = eve) -> None:
            async with eve.page() as wire:
                assert not eve.shows(said)
                relay.cut()
                await wire.send(rerun())
                eve.drawn = await finished(wire)
                assert eve.shows(said)
                for page in PAGES:
                    async with eve.page(Path(page.file).stem):
                        assert eve.shows(said), page.title
                        assert not eve.shows("encountered an error"), page.title
            if not local:
                status, text = await asyncio.to_thread(eve.ask, "/media/x.csv")
                assert (status, "database cannot be reached" in text) == (503, True)
            assert (await asyncio.to_thread(eve.ask, "/crossroads/health"))[0] == 200

        run(talk)
        assert "Traceback" not in server.log.read_text()
