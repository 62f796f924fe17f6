"""The stage build on a project folder: what was changed by hand is told, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from team import Team, number_of, translated

from derive import pipeline, tables
from derive.errors import DeriveError
from derive.project import open_project

Command = Callable[..., Any]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of 12 items; Ana translated all but two, and copied nothing."""
    team = Team(tmp_path_factory.mktemp("team"))
    fill = {1: {"decision": "remove", "prompt": "", "response": "", "reason": "só lá"}}
    team.collect(
        team.fill(
            team.issue()[0],
            "a.jsonl",
            lambda cells: (
                None
                if number_of(cells) == 2
                else translated(cells) | fill.get(number_of(cells), {})
            ),
        )
    )
    pipeline.redo(team.project, "build")
    return team.project.path


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(built, tmp_path / "brazil"))


def files(folder: Path) -> dict[str, bytes]:
    """What is in variant/."""
    variant = folder / "variant"
    return {
        path.relative_to(variant).as_posix(): path.read_bytes()
        for path in sorted(variant.rglob("*"))
        if path.is_file()
    }


def kept(folder: Path) -> list[str]:
    """The copies of edited files."""
    return sorted(path.name for path in folder.glob("*.edited-*"))


def test_a_file_changed_by_hand_is_kept_and_told(folder: Path, derive: Command) -> None:
    before = files(folder)
    edited = folder / "variant" / "data" / "dev.jsonl"
    mine = edited.read_bytes().replace(b"Procure", b"Busque")
    assert mine != before["data/dev.jsonl"]
    edited.write_bytes(mine)
    added = folder / "variant" / "data" / "extra.jsonl"
    added.write_text("{}\n", encoding="utf-8")
    note = folder / "variant" / "notes.txt"
    note.write_text("um lembrete", encoding="utf-8")
    done = derive("build", folder)
    assert done.exit_code == 0
    assert "warning variant-edited (2)" in done.stdout
    first, second = kept(folder)
    assert f"is written anew; as it was it is kept in {first}" in done.stdout
    assert f"is removed; as it was it is kept in {second}" in done.stdout
    assert (folder / first).read_bytes() == mine
    assert (folder / second).read_text(encoding="utf-8") == "{}\n"
    assert note.read_text(encoding="utf-8") == "um lembrete", "what no build writes stays"
    note.unlink()
    assert files(folder) == before
    assert "variant-edited" in derive("build", folder).stdout, "until something else is built"
    assert kept(folder) == [first, second]


def test_a_missing_file_is_written_again_without_a_word(folder: Path, derive: Command) -> None:
    before = files(folder)
    (folder / "variant" / "data" / "dev.jsonl").unlink()
    done = derive("build", folder)
    assert "variant-edited" not in done.stdout
    assert files(folder) == before
    assert not kept(folder)


def test_a_build_killed_before_its_entry_is_no_edit(folder: Path, derive: Command) -> None:
    """Files that no entry tells of, but that are what the next build writes, are nobody's."""
    before = files(folder)
    ledger = folder / "ledger.jsonl"
    lines = ledger.read_text(encoding="utf-8").splitlines(keepends=True)
    ledger.write_text(
        "".join(one for one in lines if json.loads(one)["stage"] != "build"), encoding="utf-8"
    )
    done = derive("build", folder)
    assert done.exit_code == 0
    assert "variant-edited" not in done.stdout
    assert files(folder) == before
    assert not kept(folder)


def test_ids_are_not_given_anew_when_their_record_is_gone(folder: Path, derive: Command) -> None:
    before = files(folder)
    (folder / "variant-ids.json").unlink()
    (folder / "variant" / "excluded.parquet").unlink()
    done = derive("build", folder)
    assert done.exit_code == 2
    assert "The record of the variant's IDs is gone" in done.stderr
    assert {**files(folder), "excluded.parquet": b""} == {**before, "excluded.parquet": b""}


@pytest.mark.parametrize(
    ("name", "stage"),
    [("release/items.parquet", "derive run"), ("work/routes.parquet", "derive flag"),
     ("work/drafts.parquet", "derive translate"), ("work/adaptations.parquet", "derive collect")],
)  # fmt: skip
def test_a_table_that_the_ledger_does_not_know(
    folder: Path, derive: Command, name: str, stage: str
) -> None:
    """Taking an original out of the pinned release must not let it leave."""
    before = files(folder)
    path = folder / name
    columns = getattr(tables, path.stem.upper())
    tables.write_parquet(tables.read_parquet(path, columns)[1:], path)
    done = derive("build", folder)
    assert done.exit_code == 2
    assert f"The table {path.stem} is not what the ledger says" in done.stderr
    assert stage in done.stderr
    assert "Traceback" not in done.stderr
    assert files(folder) == before


def copy_english(team: Team) -> None:
    """Ana hands in an answer with the English question in it."""

    def fill(cells: dict[str, str]) -> dict[str, str] | None:
        if number_of(cells) != 4:
            return None
        good = translated(cells)
        copied = f"{good['response']} Em inglês: how should I tell item 4 that answer 4 is late?"
        return good | {"response": copied}

    team.collect(team.fill(team.issue()[0], "copy.jsonl", fill))


def test_what_a_person_copied_is_refused_and_let_in_for_a_reason(
    tmp_path: Path, derive: Command
) -> None:
    team = Team(tmp_path)
    copy_english(team)
    folder = team.project.path
    before = files(folder)
    refused = derive("build", folder)
    assert refused.exit_code == 2
    for part in ("against its terms", "brazil-000004 · response", "by Ana", "--allow-source-texts"):
        assert part in refused.stderr
    assert files(folder) == before
    for reason in ("", "  "):
        empty = derive("build", folder, "--allow-source-texts", reason)
        assert empty.exit_code == 2
        assert "without a reason" in empty.stderr
    reason = 'the authors agreed ("yes", 3 May)'
    allowed = derive("build", folder, "--allow-source-texts", reason)
    assert allowed.exit_code == 0, allowed.stderr
    assert "warning source-in-variant (1)" in allowed.stdout
    entry = open_project(folder).ledger.last("build")
    assert entry is not None
    assert entry["settings"]["variant"]["allow_source_texts"] == reason
    assert entry["details"]["source_texts"] == {"items": 1, "reason": reason}
    assert reason in derive("status", folder).stdout
    again = derive("build", folder, "--json")
    assert json.loads(again.stdout)["fresh"] is False, "the reason stands until it is taken out"
    text = (folder / "derive.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("allow_source_texts")]
    (folder / "derive.toml").write_text("\n".join(lines), encoding="utf-8")
    assert derive("build", folder).exit_code == 2


def test_an_empty_reason_in_derive_toml_is_refused(folder: Path) -> None:
    path = folder / "derive.toml"
    text = path.read_text(encoding="utf-8").replace("drafts = true", 'allow_source_texts = " "')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeriveError) as caught:
        open_project(folder)
    assert "allow_source_texts" in str(caught.value)


def test_coverage_is_printed_and_in_the_document(folder: Path, derive: Command) -> None:
    shown = derive("build", folder).stdout
    assert "harm type" in shown
    assert "wanted" not in shown
    path = folder / "derive.toml"
    text = path.read_text(encoding="utf-8").replace("drafts = true", "coverage = 1.0")
    path.write_text(text, encoding="utf-8")
    shown = derive("build", folder).stdout
    assert "2 items are missing" in shown
    assert "--coverage SHARE" in shown
    [row] = json.loads(derive("build", folder, "--json").stdout)["details"]["coverage"]
    assert (row["harm_type"], row["source"], row["included"]) == ("種類", 12, 10)
    assert (row["waiting_for"], row["removed"], row["wanted"]) == ({"translator": 1}, 1, 12)


def test_people_are_published_as_derive_toml_says(folder: Path, derive: Command) -> None:
    def people() -> set[str | None]:
        assert derive("build", folder).exit_code == 0
        table = tables.read_parquet(folder / "variant/data/dev.parquet", tables.VARIANT)
        return set(table["people"].struct["author"])

    [pseudonym] = people()
    assert pseudonym is not None
    assert pseudonym.startswith("person-")
    path = folder / "derive.toml"
    text = path.read_text(encoding="utf-8")
    for policy, expected in (("names", {"Ana"}), ("none", {None})):
        path.write_text(text.replace('"pseudonyms"', f'"{policy}"'), encoding="utf-8")
        assert people() == expected
