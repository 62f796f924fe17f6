"""`derive publish` when the Hub, the network or the token are not as they should be."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_server import CUT, LOST, HubServer
from publisher import REPO, TOKEN, Publisher, filled, hand_in
from team import Team

CHANGES = (
    ("POST", "/api/repos/create"),
    ("PUT", "/settings"),
    ("POST", "/api/validate-yaml"),
    ("POST", "/preupload/"),
    ("POST", "/objects/batch"),
    ("PUT", "/lfs-storage/"),
    ("POST", "/lfs/verify"),
    ("POST", "/commit/"),
    ("POST", "/tag/"),
)
LOOKS = (
    ("GET", "/api/whoami-v2"),
    ("GET", f"/api/datasets/{REPO}"),
    ("GET", "/refs"),
    ("GET", "/tree/"),
    ("GET", "/resolve/"),
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return filled(tmp_path_factory.mktemp("made"))


@pytest.fixture
def ana(made: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    with HubServer() as hub:
        yield Publisher(hub, made, tmp_path, monkeypatch)


def finish(ana: Publisher) -> int:
    """Run the same command until it works; how often it did not."""
    for failed in range(4):
        done = ana.publish("--yes")
        if done.exit_code == 0:
            return failed
        assert "Traceback" not in done.stderr
        assert "what to do:" in done.stderr
    raise AssertionError(done.stderr)


def is_whole(ana: Publisher) -> None:
    """One version is out, once."""
    assert len(ana.repository.commits) == 2, "the Hub's own, and ours"
    assert ana.repository.tags == {"v1.0": ana.repository.head}
    assert (ana.repository.private, ana.repository.gated) == (True, "auto")
    entries = [one for one in ana.team.project.ledger.entries() if one["stage"] == "publish"]
    assert [one["details"]["commit"] for one in entries] == [ana.repository.head]
    assert "published already" in ana.publishes().stdout


@pytest.mark.parametrize("what", [CUT, LOST, 500], ids=str)
@pytest.mark.parametrize(("method", "part"), CHANGES, ids=lambda value: value)
def test_whatever_fails_a_rerun_finishes(
    ana: Publisher, method: str, part: str, what: int | str
) -> None:
    ana.hub.fail(method, part, what)
    finish(ana)
    assert not [one for one in ana.hub.faults if one.times]
    is_whole(ana)


@pytest.mark.parametrize(("method", "part"), [*CHANGES, *LOOKS], ids=lambda value: value)
def test_a_fault_that_stays(
    ana: Publisher, method: str, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The Hub is down for one thing: a few tries, one message, and all is well afterwards."""
    if (method, part) in LOOKS[2:]:
        ana.publishes()
        hand_in(ana.team, 5)
    ana.hub.fail(method, part, 503, times=99)
    before = len(ana.waits)
    said = ana.refused()
    assert "The Hub has a fault of its own (503)" in said
    assert ana.waits[before:] == [1, 2, 4, 8]
    told = [one.getMessage() for one in caplog.records if one.name.startswith("derive")]
    assert told == [f"the Hub answers 503; trying again in {wait} s" for wait in (1, 2, 4, 8)]
    ana.hub.faults.clear()
    ana.publishes()
    assert "published already" in ana.publishes().stdout


@pytest.mark.parametrize(("method", "part"), CHANGES[::3], ids=lambda value: value)
def test_a_connection_that_is_cut_again_and_again(
    ana: Publisher, method: str, part: str, caplog: pytest.LogCaptureFixture
) -> None:
    ana.hub.fail(method, part, CUT, times=99)
    assert "The connection to the Hub was lost half-way" in ana.refused()
    assert not caplog.records, "addresses for uploads are signed, and are not logged"
    ana.hub.faults.clear()
    ana.publishes()
    is_whole(ana)


def test_what_is_up_is_not_sent_again(ana: Publisher) -> None:
    ana.hub.fail("POST", "/commit/", CUT)
    assert "it goes on from there" in ana.refused()
    sent = ana.hub.asked("PUT", "/lfs-storage/")
    ana.publishes()
    assert ana.hub.asked("PUT", "/lfs-storage/") == sent > 0
    is_whole(ana)


def test_another_version_waits_for_the_one_that_was_cut(ana: Publisher) -> None:
    ana.hub.fail("POST", "/tag/", CUT)
    ana.refused("--version", "v1.5")
    assert "v1.5 went up, but not its tag" in ana.refused("--version", "v2.0")
    assert "v1.5" in ana.publishes().stdout, "without a version, that one is finished"
    assert list(ana.repository.tags) == ["v1.5"]
    assert len(ana.repository.commits) == 2


def test_a_version_that_was_cut_may_be_built_anew(ana: Publisher) -> None:
    ana.hub.fail("POST", "/tag/", 500, times=99)
    ana.refused()
    ana.hub.faults.clear()
    hand_in(ana.team, 5)
    ana.publishes()
    assert list(ana.repository.tags) == ["v1.0"], "it was never released"
    assert ana.files()["v1.0/dev.parquet"] == ana.files()["data/dev.parquet"]


def test_what_leaves_is_gone_whatever_fails(ana: Publisher) -> None:
    for what in (LOST, 500):
        ana.hub.fail("POST", "/commit/", what)
        ana.hub.fail("POST", "/tag/", CUT)
        finish(ana)
        ana.repository.commit({**ana.repository.files, "data/old.parquet": b"x"})
        hand_in(ana.team, 5, who=f" {what}")
    ana.hub.fail("POST", "/tag/", CUT)
    ana.refused()
    assert "data/old.parquet" not in ana.files()
    ana.repository.commit({**ana.repository.files, "data/old.parquet": b"x"})
    finish(ana)
    assert "data/old.parquet" not in ana.files()
    assert list(ana.repository.tags) == ["v1.0", "v1.1", "v2.0"]


@pytest.mark.parametrize("headers", [{"Retry-After": "7"}, {"RateLimit": '"api";r=0;t=7'}], ids=str)
@pytest.mark.parametrize("part", ["/api/repos/create", "/objects/batch", "/commit/"])
def test_429_waits_as_long_as_it_is_asked(
    ana: Publisher, part: str, headers: dict[str, str]
) -> None:
    ana.hub.fail("POST", part, 429, headers=headers, times=2)
    ana.publishes()
    assert ana.waits == [7, 7]
    is_whole(ana)


@pytest.mark.parametrize("part", ["/api/repos/create", "/objects/batch", "/commit/"])
def test_429_does_not_wait_a_day(ana: Publisher, part: str) -> None:
    ana.hub.fail("POST", part, 429, headers={"Retry-After": "86400"})
    said = ana.refused()
    assert "The Hub has had too many requests (429)" in said
    assert "in 86400 seconds" in said
    assert not ana.waits
    ana.publishes()
    is_whole(ana)


def test_401(ana: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    ana.hub.revoked.add(TOKEN)
    said = ana.refused()
    assert "The Hub knows no such token" in said
    assert "https://huggingface.co/settings/tokens" in said
    monkeypatch.delenv("HF_TOKEN")
    asked = len(ana.hub.requests)
    said = ana.refused()
    assert "Publishing needs a token" in said
    assert "HF_TOKEN" in said
    assert "hf auth login" in said
    for odd in ("hf_MARKER two", "hf_MARKERé", "hf_MARKER\x1b"):
        monkeypatch.setenv("HF_TOKEN", odd)
        assert "HF_TOKEN holds characters that no token has" in ana.refused()
    assert len(ana.hub.requests) == asked


def test_the_login_is_taken(
    ana: Publisher, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from huggingface_hub import constants

    monkeypatch.delenv("HF_TOKEN")
    (tmp_path / "login").write_text(TOKEN)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(tmp_path / "login"))
    ana.publishes()
    is_whole(ana)


def test_a_token_that_may_only_read(ana: Publisher) -> None:
    ana.hub.add_user(TOKEN, "ana", role="read")
    assert "The token may only read" in ana.refused()
    assert not ana.hub.repositories


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, "may not be written to with this token (403): made to fail"),
        (404, "is not there (any more), or not for this token (404): made to fail"),
        (409, "has changed meanwhile (409): made to fail"),
        (412, "has changed meanwhile (412): made to fail"),
        (402, "The Hub refused (402): made to fail"),
        (413, "The Hub refused (413): made to fail"),
    ],
)
def test_each_refusal_has_its_words(ana: Publisher, status: int, message: str) -> None:
    ana.hub.fail("POST", "/commit/", status)
    assert message in ana.refused()
    assert not ana.waits, "it would not pass"
    ana.publishes()
    is_whole(ana)


@pytest.mark.parametrize(("method", "part"), [("GET", "/refs"), ("POST", "/commit/")])
def test_a_commit_in_between(ana: Publisher, method: str, part: str) -> None:
    ana.publishes()
    hand_in(ana.team, 5)

    def zoe() -> None:
        ana.repository.commit({**ana.repository.files, "zoe.txt": b"mine"})

    ana.hub.fail(method, part, zoe)
    said = ana.refused()
    assert "has changed meanwhile (412)" in said
    assert "without --yes to see what is there now" in said
    assert list(ana.repository.tags) == ["v1.0"]
    assert "stays     zoe.txt" in ana.publish().stdout
    ana.publishes()
    assert list(ana.repository.tags) == ["v1.0", "v1.1"]
    assert ana.files()["zoe.txt"] == b"mine"


def test_a_repository_or_a_tag_made_in_between(ana: Publisher) -> None:
    def zoe() -> None:
        ana.hub.add_dataset(REPO, {"README.md": b"# Mine\n"})

    ana.hub.fail("POST", "/api/repos/create", zoe)
    assert "has changed meanwhile (409)" in ana.refused()
    ana.hub.fail("POST", "/tag/", lambda: ana.repository.tags.update({"v1.0": "0" * 40}))
    assert "has changed meanwhile (409)" in ana.refused()


def test_gating_that_the_hub_refuses(ana: Publisher) -> None:
    ana.hub.fail("PUT", "/settings", 403, times=99, message="not in your plan")
    done = ana.publishes("--public")
    assert "gate-by-hand" in done.stdout
    assert "not in your plan" in done.stdout
    assert f"https://huggingface.co/datasets/{REPO}/settings" in done.stdout
    assert (ana.repository.private, ana.repository.gated) == (True, False), "not without a gate"
    assert ana.repository.tags
    ana.hub.faults.clear()
    ana.repository.gated = "manual"  # by hand
    ana.publishes("--public")
    assert (ana.repository.private, ana.repository.gated) == (False, "manual")


def test_a_public_repository_that_cannot_be_gated_takes_nothing(ana: Publisher) -> None:
    ana.hub.add_dataset(REPO, {"README.md": b"# To come\n"})
    ana.hub.fail("PUT", "/settings", 400, message="no")
    said = ana.refused()
    assert "The repository is public, and the Hub did not gate it" in said
    assert not ana.hub.asked("POST", "/commit/")
    ana.publishes()
    assert (ana.repository.private, ana.repository.gated) == (False, "auto")


def test_what_the_repository_ignores(ana: Publisher) -> None:
    ana.hub.add_dataset(REPO, {".gitignore": b"v1.0/dev.parquet\n"})
    said = ana.refused()
    assert "The Hub has not taken v1.0/dev.parquet" in said
    assert ".gitignore" in said
    assert not ana.repository.tags


def test_a_card_that_the_hub_refuses(ana: Publisher) -> None:
    ana.hub.fail("POST", "/api/validate-yaml", 400, message='"license" must be a string')
    assert '"license" must be a string' in ana.refused()
    ana.publishes()


def test_a_card_that_was_changed_on_the_hub(ana: Publisher) -> None:
    """Whatever it says now, the versions that are there keep their configs."""
    ana.publishes()
    ana.repository.commit({**ana.repository.files, "README.md": b"---\nconfigs: [\n---\n"})
    assert "published already" in ana.publishes().stdout
    hand_in(ana.team, 5)
    found = json.loads(ana.publish("--json").stdout)["findings"]
    assert [one["file"] for one in found if one["code"] == "hub-changed"] == ["README.md"]
    ana.publishes()
    assert b"config_name: v1.0\n" in ana.files()["README.md"]


def test_no_network(ana: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with monkeypatch.context() as patch:
        patch.setattr(constants, "ENDPOINT", url)
        assert "The Hub cannot be reached" in ana.refused()
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    said = ana.refused()
    assert "The Hub is switched off (HF_HUB_OFFLINE)" in said
    document = json.loads(ana.publish("--json").stdout)
    assert (document["ok"], document["error"]["where"]) == (False, REPO)


def test_a_server_that_never_answers(ana: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from derive import hub_client

    monkeypatch.setattr(hub_client, "TIMEOUT", 0.2)
    over = threading.Event()
    waits: Callable[[], Any] = lambda: over.wait(20)  # noqa: E731
    ana.hub.fail("POST", "/commit/", waits)
    assert "lost half-way" in ana.refused()
    over.set()
    finish(ana)
    assert list(ana.repository.tags) == ["v1.0"]
