"""`derive publish` to a local server with the Hub's own client: what goes up, and what does not."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import Result
from hub_server import HubServer
from publisher import REPO, TOKEN, Publisher, filled, hand_in
from team import Team, translated

from derive import tables
from derive.ledger import Ledger

Derive = Callable[..., Result]
DATA = ("data/dev.parquet", "data/dev.jsonl")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Team:
    return filled(tmp_path_factory.mktemp("made"))


@pytest.fixture
def ana(made: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Publisher]:
    with HubServer() as hub:
        yield Publisher(hub, made, tmp_path, monkeypatch)


def configs(readme: bytes) -> dict[str, list[str]]:
    """The configs of a card: name to paths."""
    from huggingface_hub import DatasetCard

    found = DatasetCard(readme.decode()).data["configs"]
    return {one["config_name"]: [file["path"] for file in one["data_files"]] for one in found}


def terms(ana: Publisher, **changed: Any) -> None:
    """Change the terms of the project's profile, and build under them."""
    from derive import pipeline

    document = json.loads(ana.team.project.profile.read_text("utf-8"))
    document["terms"] |= changed
    ana.team.project.profile.write_text(json.dumps(document), "utf-8")
    entry = ana.team.project.ledger.last("release")
    outputs = [ana.team.project.path / name for name in entry["outputs"]]
    kept = ("stage", "inputs", "settings", "counts", "findings", "details")
    ana.team.project.ledger.append(**{name: entry[name] for name in kept}, outputs=outputs)
    for stage in ("check", "flag", "translate", "collect", "build"):
        from conftest import FakeEngine

        engine = FakeEngine()
        engine.signature = ana.team.project.ledger.last("translate")["settings"]["signature"]
        pipeline.run_stage(ana.team.project, stage, engine=engine)


def test_a_dry_run_says_exactly_what_would_go_up(ana: Publisher) -> None:
    done = ana.publish()
    assert done.exit_code == 0, done.stderr
    assert "dry run" in done.stdout
    assert not ana.hub.repositories
    assert not [one for one in ana.hub.requests if one[0] in ("POST", "PUT")]
    assert ana.team.project.ledger.last("publish") is None
    document = json.loads(ana.publish("--json").stdout)
    said = {one["path"]: (one["size"], one["sha256"]) for one in document["files"]}
    ana.publishes()
    there = {name: (len(data), hashlib.sha256(data).hexdigest())
             for name, data in ana.files().items()}  # fmt: skip
    assert there == said
    for path, (size, digest) in said.items():
        assert any(
            path in line and f"{size:,}" in line and digest in line
            for line in done.stdout.splitlines()
        )
    assert (document["private"], document["gated"]) == (True, "auto")
    assert (ana.repository.private, ana.repository.gated) == (True, "auto")
    assert list(ana.repository.tags) == [document["tag"]] == ["v1.0"]


def test_what_goes_up_is_what_was_built(ana: Publisher) -> None:
    (ana.path / "variant" / "notes.txt").write_text("mine")
    done = ana.publishes()
    assert "notes.txt: not written by derive build" in done.stdout
    there = ana.files()
    built = ana.team.project.ledger.last("build")["outputs"]
    names = {name.removeprefix("variant/") for name in built if name.startswith("variant/")}
    assert there.keys() - {"v1.0/dev.parquet"} == names
    for name in names - {"README.md", "croissant.json"}:
        assert there[name] == (ana.path / "variant" / name).read_bytes()
    assert there["v1.0/dev.parquet"] == there["data/dev.parquet"]
    body = (ana.path / "variant" / "README.md").read_text("utf-8").split("---\n", 2)[2]
    assert there["README.md"].decode().endswith(body.replace("NAMESPACE/NAME", REPO))
    mine = json.loads((ana.path / "variant" / "croissant.json").read_bytes())
    page = f"https://huggingface.co/datasets/{REPO}"
    assert json.loads(there["croissant.json"]) == {**mine, "url": page, "version": "1.0.0"}
    assert configs(there["README.md"]) == {
        "default": ["data/dev.parquet"],
        "v1.0": ["v1.0/dev.parquet"],
    }
    entry = ana.team.project.ledger.last("publish")
    assert entry["details"]["commit"] == ana.repository.tags["v1.0"] == ana.repository.head
    assert entry["details"]["files"]["data/dev.parquet"] == built["variant/data/dev.parquet"]
    assert "at" not in entry["details"]


@pytest.mark.parametrize("large", [(), (".parquet", ".jsonl", ".md")])
def test_the_hub_decides_what_is_a_large_file(ana: Publisher, large: tuple[str, ...]) -> None:
    ana.hub.large_suffixes = large
    ana.publishes()
    assert (ana.hub.asked("PUT", "/lfs-storage/") > 0) is bool(large)
    assert pl.read_parquet(ana.files()["v1.0/dev.parquet"]).height == 5
    asked = ana.hub.asked("POST", "/commit/")
    assert "published already" in ana.publishes().stdout
    assert ana.hub.asked("POST", "/commit/") == asked == 1


def test_publishing_twice_is_nothing_to_do(ana: Publisher) -> None:
    ana.publishes()
    commits, ledger = dict(ana.repository.commits), ana.team.project.ledger.path.read_bytes()
    for arguments in ((), ("--version", "v1.0"), ("--version", "1.0")):
        assert "published already" in ana.publishes(*arguments).stdout
    assert json.loads(ana.publish("--json").stdout)["nothing_to_do"] is True
    assert ana.repository.commits == commits
    assert ana.team.project.ledger.path.read_bytes() == ledger


def test_a_copy_of_the_project_catches_up(ana: Publisher) -> None:
    """A colleague's, or the ledger of a run that was killed: what is out is written down."""
    other = ana.folder / "copy" / "brazil"
    shutil.copytree(ana.path, other)
    ana.publishes()
    assert "published already" in ana.publishes(path=other).stdout
    mine, theirs = (Ledger(path).last("publish")["details"] for path in (ana.path, other))
    assert mine == theirs
    names = ("variant/CHANGELOG.md", "published.parquet")
    assert all((ana.path / name).read_bytes() == (other / name).read_bytes() for name in names)
    assert len(ana.repository.commits) == 2


def test_a_second_version_leaves_the_first(ana: Publisher) -> None:
    ana.publishes()
    first = ana.files()
    hand_in(ana.team, 5)
    done = ana.publishes()
    assert "v1.1" in done.stdout, "more items, and all the others as they were"
    second = ana.files()
    assert second["v1.0/dev.parquet"] == first["v1.0/dev.parquet"]
    assert second["v1.1/dev.parquet"] == second["data/dev.parquet"] != first["data/dev.parquet"]
    assert configs(second["README.md"]) == {
        "default": ["data/dev.parquet"],
        "v1.1": ["v1.1/dev.parquet"],
        "v1.0": ["v1.0/dev.parquet"],
    }
    assert ana.repository.commits[ana.repository.tags["v1.0"]]["README.md"] == first["README.md"]
    hand_in(ana.team, 1, who=" hoje")
    assert "v2.0" in ana.publishes().stdout, "an item that was out has changed"
    third = ana.files()
    assert list(configs(third["README.md"])) == ["default", "v2.0", "v1.1", "v1.0"]
    assert third["v1.0/dev.parquet"] == first["v1.0/dev.parquet"]
    assert third["v1.1/dev.parquet"] == second["v1.1/dev.parquet"]
    assert list(ana.repository.tags) == ["v1.0", "v1.1", "v2.0"]


def test_released_is_released(ana: Publisher) -> None:
    ana.publishes()
    before = ana.repository.head
    hand_in(ana.team, 5)
    said = ana.refused("--version", "v1.0")
    assert "v1.0 is released with other content" in said
    assert "data/dev.parquet" in said
    assert "v1.0 is out already, v0.9 does not come after it" in ana.refused("--version", "0.9")
    assert "v1.0.0 does not come after it" in ana.refused("--version", "1.0.0")
    assert "Not a version: 'one'" in ana.refused("--version", "one")
    assert ana.repository.head == before
    ana.publishes("--version", "1.0.1")
    assert list(ana.repository.tags) == ["v1.0", "v1.0.1"]


def changelog(ana: Publisher) -> list[str]:
    """The headings of the changelog that is on the Hub, which is the one here."""
    data = ana.files()["CHANGELOG.md"]
    assert (ana.path / "variant" / "CHANGELOG.md").read_bytes() == data
    return [line for line in data.decode().splitlines() if line.startswith("## ")]


def test_status_says_what_is_out(ana: Publisher, derive: Derive) -> None:
    assert "published" not in derive("status", ana.path).stdout
    ana.publishes()
    assert f"published: {REPO} v1.0\n" in derive("status", ana.path).stdout
    hand_in(ana.team, 5)
    assert f"{REPO} v1.0; what is built since is another" in derive("status", ana.path).stdout


def test_the_changelog_names_each_version(ana: Publisher) -> None:
    ana.publishes()
    assert changelog(ana) == ["## v1.0"]
    hand_in(ana.team, 5)
    assert "## Unreleased" in (ana.path / "variant" / "CHANGELOG.md").read_text("utf-8")
    ana.publishes()
    assert changelog(ana) == ["## v1.1", "## v1.0"]
    assert "1 item added" in ana.files()["CHANGELOG.md"].decode()


@pytest.mark.parametrize("step", ["derive.variant.changelog.remember", "derive.pipeline.run_stage"])
def test_killed_after_it_went_up(
    ana: Publisher, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`derive build` and the same command again end as if nothing had happened."""
    with monkeypatch.context() as patch:
        patch.setattr(step, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        assert "Stopped" in ana.publish("--yes").stderr
    from derive import pipeline

    assert "derive build" in ana.refused()
    pipeline.redo(ana.team.project, "build")
    assert "published already" in ana.publishes().stdout
    assert changelog(ana) == ["## v1.0"]
    assert len(ana.repository.commits) == 2
    assert ana.team.project.ledger.last("publish")["details"]["version"] == "v1.0"
    hand_in(ana.team, 5)
    ana.publishes()
    assert changelog(ana) == ["## v1.1", "## v1.0"]


def test_the_repository_that_derive_toml_names(ana: Publisher) -> None:
    from derive import pipeline
    from derive.project import open_project

    assert "No repository is named" in ana.refused(repo="")
    with (ana.path / "derive.toml").open("a") as file:
        file.write(f'\n[variant]\nrepo = "{REPO}"\n')
    ana.team.project = open_project(ana.path)
    assert "not up to date" in ana.refused(repo=""), "the card says where it is"
    pipeline.redo(ana.team.project, "build")
    assert "name another repository: ana/brazil-safety" in ana.refused(repo="ana/other")
    ana.publishes(repo="")
    assert f'load_dataset("{REPO}")' in ana.files()["README.md"].decode()


def test_a_split_that_is_gone_leaves_only_the_newest(ana: Publisher) -> None:
    ana.publishes()
    there = {**ana.repository.files, "data/old.parquet": b"x", "paper.pdf": b"people's own"}
    ana.repository.commit(there)
    hand_in(ana.team, 5)
    done = ana.publish()
    assert "deleted   data/old.parquet" in done.stdout
    assert "stays     paper.pdf" in done.stdout
    assert "stays     v1.0/dev.parquet" in done.stdout
    assert "data/old.parquet: somebody changed it on the Hub since the last" in done.stdout
    ana.publishes()
    assert "data/old.parquet" not in ana.files()
    assert ana.files()["paper.pdf"] == b"people's own"


def test_visibility_and_gating_are_as_the_terms_ask(ana: Publisher) -> None:
    said = ana.publishes("--public").stdout
    assert "public" in said
    assert (ana.repository.private, ana.repository.gated) == (False, "auto")
    order = [path for method, path, _ in ana.hub.requests if method in ("POST", "PUT")]
    settings = [number for number, path in enumerate(order) if path.endswith("/settings")]
    commit = next(number for number, path in enumerate(order) if "/commit/" in path)
    assert settings[0] < commit < settings[1], "gated before data go up, public only after"
    assert "published already" in ana.publishes().stdout, "it stays public"
    ana.publishes("--private")
    assert (ana.repository.private, ana.repository.gated) == (True, "auto")


def test_open_terms_need_no_gate(ana: Publisher) -> None:
    terms(ana, originals_may_be_republished=True, licence="cc-by-4.0")
    ana.publishes()
    assert (ana.repository.private, ana.repository.gated) == (False, False)


def test_unknown_terms_are_the_strictest(ana: Publisher) -> None:
    from derive.profiles import UNKNOWN_TERMS

    terms(ana, **{**UNKNOWN_TERMS, "originals_may_be_republished": True})
    assert "Nobody has stated the source's terms" in ana.refused("--public")
    ana.publishes()
    assert (ana.repository.private, ana.repository.gated) == (True, "manual")
    ana.repository.private = False
    ana.publishes()
    assert ana.repository.private, "made public by hand"


def test_what_no_person_has_read_is_said(ana: Publisher) -> None:
    hand_in(ana.team, 5)
    counts = ana.team.project.ledger.last("build")["counts"]
    assert counts["unread"] == 1, "item 6, which the machine has drafted"
    done = ana.publish()
    assert "1 of 6 items are machine translations that no person has read" in done.stdout
    found = json.loads(ana.publish("--json").stdout)["finding_counts"]
    assert found == {"error": 0, "warning": 1, "note": 0}


def test_the_token_is_nowhere(ana: Publisher) -> None:
    ana.publishes()
    ana.hub.fail("GET", "/refs", 400, message=f"what is {TOKEN} doing here")
    assert "what is … doing here" in str(ana.publish("--debug").exception)
    written = b"".join(path.read_bytes() for path in ana.folder.rglob("*") if path.is_file())
    assert TOKEN.encode() not in written
    assert all(TOKEN not in path for _, path, _ in ana.hub.requests)
    assert all(
        authorized is not path.startswith("/lfs-storage/")
        for _, path, authorized in ana.hub.requests
    )


# --- bad input


def test_a_variant_changed_by_hand(ana: Publisher) -> None:
    for name in (*DATA, "README.md", "excluded.parquet"):
        path = ana.path / "variant" / name
        whole = path.read_bytes()
        path.write_bytes(whole + b"\n")
        said = ana.refused()
        assert "not as it was built" in said
        assert f"variant/{name} (changed)" in said
        path.unlink()
        assert f"variant/{name} (missing)" in ana.refused()
        path.write_bytes(whole)
    assert not ana.hub.repositories
    ana.publishes()


def test_a_variant_that_is_not_up_to_date(ana: Publisher) -> None:
    team = ana.team
    team.collect(team.fill(team.issue()[0], "more.jsonl", lambda cells: {"author": "Ana"}))
    ana.publishes()  # nothing of it changes the variant
    team.collect(team.fill(team.issue()[0], "late.jsonl"))
    said = ana.refused()
    assert "not up to date" in said
    assert "derive build" in said
    assert "build" in said.split("where")[0]


def test_a_variant_that_was_never_built(ana: Publisher) -> None:
    ledger = ana.team.project.ledger
    lines = [one for one in ledger.entries() if one["stage"] != "build"]
    ledger.path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    assert "There is no variant yet" in ana.refused()
    assert "Not a project folder" in ana.refused(path=ana.folder)


def test_a_text_of_the_source_does_not_leave(ana: Publisher) -> None:
    """`build` refuses it too; here the ledger was made to agree with the files."""
    path = ana.path / "variant" / "data" / "dev.parquet"
    rows = tables.read_parquet(path, tables.VARIANT).to_dicts()
    rows[1]["prompt"] = "How should I tell item 1 that answer 1 is late?"
    tables.write_parquet(tables.frame(rows, tables.VARIANT), path)
    ledger = ana.team.project.ledger
    lines = ledger.entries()
    lines[-1]["outputs"]["variant/data/dev.parquet"] = hashlib.sha256(path.read_bytes()).hexdigest()
    ledger.path.write_text("".join(json.dumps(one) + "\n" for one in lines))
    said = ana.refused()
    assert "holds texts of the source" in said
    assert rows[1]["id"] in said
    assert not ana.hub.requests, "nothing was asked of the Hub"


def test_a_text_of_the_source_in_the_card(ana: Publisher) -> None:
    from derive import pipeline

    card = ana.path / "variant" / "README.md"
    quoted = "An example: How should I tell item 1 that answer 1 is late?"
    mark = "<!-- people: about -->"
    card.write_text(card.read_text("utf-8").replace(mark, f"{mark}\n{quoted}"), "utf-8")
    pipeline.redo(ana.team.project, "build")
    said = ana.refused()
    assert "holds texts of the source" in said
    assert "README.md" in said
    assert not ana.hub.requests


def test_texts_of_the_source_that_are_allowed(ana: Publisher, derive: Derive) -> None:
    from team import number_of

    def copied(cells: dict[str, str]) -> dict[str, str] | None:
        if number_of(cells) != 5:
            return None
        good = translated(cells)
        english = "How should I tell item 5 that answer 5 is late?"
        return {**good, "response": f"{good['response']} Em inglês: {english}"}

    team = ana.team
    team.collect(team.fill(team.issue()[0], "copied.jsonl", copied))
    assert derive("build", ana.path).exit_code == 2
    reason = "the authors agreed by letter"
    assert derive("build", ana.path, "--allow-source-texts", reason).exit_code == 0
    done = ana.publishes()
    assert f"1 items hold texts of the source: {reason}" in done.stdout


def test_what_is_no_repository(ana: Publisher) -> None:
    for repo in ("brazil", "ana/", "ana/b/c"):
        assert "Not a repository" in ana.refused(repo=repo)
    assert ana.publish("--version").exit_code == 2


def test_a_repository_with_something_else_in_it(ana: Publisher) -> None:
    ana.hub.add_dataset(REPO, {"train.csv": b"a,b\n", "README.md": b"# Mine\n"})
    assert "holds something else: train.csv" in ana.refused()
    ana.repository.commit({"README.md": b"# To come\n", ".gitattributes": b""})
    assert "replaced  README.md" in ana.publish().stdout
    ana.publishes()


def test_somebody_else_s(ana: Publisher) -> None:
    ana.hub.add_dataset("zoe/brazil", {"README.md": b"# Zoe's\n"})
    said = ana.refused(repo="zoe/brazil")
    assert "zoe is somebody else's: the token may publish as ana, acme" in said
    assert ana.publish(repo="zoe/brazil").exit_code == 2, "a dry run says so too"
    ana.publishes(repo="acme/brazil")
