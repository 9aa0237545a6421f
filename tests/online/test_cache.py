from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from geo.online import Request, Response, ResponseCache
from tests.online.staging import Hands

QUESTION = Request("http://localhost/search?q=12-Privet-Lane")
HOUR = timedelta(hours=1)


@pytest.fixture
def answer(hands: Hands) -> Response:
    return Response("http://localhost/", 200, "application/json", "é".encode(), hands.clock.now())


def test_an_answer_comes_back_with_its_age(
    cache: ResponseCache, answer: Response, hands: Hands
) -> None:
    assert cache.get(QUESTION) is None
    cache.put(QUESTION, answer, expire_after=2 * HOUR)
    hands.at_s += 1800
    kept = cache.get(QUESTION, max_age=HOUR)
    assert kept is not None
    assert (kept.body, kept.at) == (answer.body, answer.at)
    hands.at_s += 3600
    assert cache.get(QUESTION, max_age=HOUR) is None
    assert cache.get(QUESTION) is not None


def test_other_forms_are_other_questions(cache: ResponseCache, answer: Response) -> None:
    cache.put(Request("http://localhost/", form={"data": "a"}), answer, expire_after=HOUR)
    assert cache.get(Request("http://localhost/", form={"data": "b"})) is None
    assert cache.get(Request("http://localhost/")) is None


def test_answers_outlive_the_process_and_are_their_owner_s_alone(
    cache: ResponseCache, answer: Response, tmp_path: Path
) -> None:
    cache.put(QUESTION, answer, expire_after=timedelta(days=3650))
    cache.close()
    (path,) = (tmp_path / "cache").glob("*.sqlite")
    assert path.stat().st_mode & 0o077 == 0
    assert b"Privet" not in path.read_bytes()
    assert cache.get(QUESTION) is not None


def test_a_damaged_file_is_begun_anew(
    cache: ResponseCache, answer: Response, tmp_path: Path
) -> None:
    cache.put(QUESTION, answer, expire_after=HOUR)
    cache.close()
    (path,) = (tmp_path / "cache").glob("*.sqlite")
    path.write_bytes(b"no database" * 1000)
    assert cache.get(QUESTION) is None
    cache.put(QUESTION, answer, expire_after=HOUR)
    assert cache.get(QUESTION) is not None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path, answer: Response) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = ResponseCache(tmp_path / "file" / "cache")
    cache.put(QUESTION, answer, expire_after=HOUR)
    assert cache.get(QUESTION) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to become nobody")
def test_a_folder_without_rights_is_not_waited_for(tmp_path: Path, answer: Response) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == 0 and parent.stat().st_mode & 0o011 == 0:
            parent.chmod(0o711)
    tmp_path.chmod(0o711)
    os.seteuid(65534)
    try:
        ResponseCache(folder).put(QUESTION, answer, expire_after=HOUR)
        assert ResponseCache(folder).get(QUESTION) is None
    finally:
        os.seteuid(0)
