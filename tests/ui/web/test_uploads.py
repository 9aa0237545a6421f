from __future__ import annotations

import pytest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from geo.ui.web.uploads import UploadMiddleware, UploadQuota

KB = 1024
LIMIT = 200 * KB
PATH = "/_stcore/upload_file/{}/file"


@pytest.fixture
def held() -> dict[str, int]:
    return {}


@pytest.fixture
def put(ask_app, held: dict[str, int]):
    """Return a function that uploads to a session, and returns status and text."""

    async def take(scope, receive, send) -> None:
        if scope["method"] == "PUT":
            held[scope["path"].split("/")[-2]] = int(Headers(scope=scope)["content-length"])
        await PlainTextResponse("taken")(scope, receive, send)

    app = UploadMiddleware(
        take,
        quota=UploadQuota(lambda: held, limit=3 * LIMIT),
        visitor=lambda scope: Headers(scope=scope).get("cookie", ""),
        owner={"s1": "me", "s2": "me", "s3": "me", "s4": "me", "theirs": "them"}.get,
        limit_bytes=lambda: LIMIT,
    )

    def call(session: str, size: int | None, *, cookie: str = "me", method: str = "PUT"):
        extra = {} if size is None else {"content-length": str(size)}
        answer = ask_app(
            app, PATH.format(session), method=method, cookie=cookie, body=b"", extra=extra
        )
        return answer.status, answer.body.decode()

    return call


def test_a_file_goes_to_a_session_of_ones_own(put) -> None:
    assert put("s1", KB) == (200, "taken")
    assert put("theirs", KB)[0] == put("nobodys", KB)[0] == 403
    assert put("s1", KB, cookie="them")[0] == 403
    assert put("theirs", KB, method="DELETE")[0] == 403
    assert put("s1", None, method="DELETE") == (200, "taken")


def test_a_file_has_a_size_and_that_is_said(put) -> None:
    status, text = put("s1", LIMIT + 65 * KB)
    assert (status, "larger than" in text) == (413, True)
    assert put("s1", LIMIT)[0] == 200
    for said in (None, -1):
        assert put("s1", said)[0] == 411


def test_a_visitor_holds_so_many_bytes_in_all_their_sessions(put, held: dict[str, int]) -> None:
    assert [put(session, LIMIT)[0] for session in ("s1", "s2", "s3")] == [200] * 3
    status, text = put("s4", LIMIT)
    assert (status, "close some" in text) == (429, True)
    assert put("theirs", LIMIT, cookie="them")[0] == 200
    del held["s2"]  # its page was closed
    assert put("s4", LIMIT)[0] == 200


def test_what_is_still_coming_counts() -> None:
    quota = UploadQuota(dict, limit=10)
    with quota.taken("me", "s1", 6) as first, quota.taken("me", "s2", 6) as second:
        assert (first, second) == (True, False)
        with quota.taken("them", "s3", 6) as third, quota.taken("me", "s1", 4) as fourth:
            assert (third, fourth) == (True, True)
    with quota.taken("me", "s2", 10) as again:
        assert again
