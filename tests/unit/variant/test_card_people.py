"""What people write into the variant's documents outlives every rebuild, or nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import variants
from hypothesis import given, settings
from hypothesis import strategies as st
from team import Team

from derive import pipeline
from derive.errors import DeriveError
from derive.variant import sections
from derive.variant.card import card
from derive.variant.write import Past, write_variant

ASK = "<!-- people: who-to-ask -->"


def fill(text: str, name: str, words: str) -> str:
    empty = sections.section(name, "")
    assert text.count(empty) == 1
    return text.replace(empty, sections.section(name, words))


def built(team: Team) -> Any:
    return pipeline.redo(team.project, "build")


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(
    lambda text: "<!--" not in text
)


@settings(deadline=None, max_examples=40)
@given(st.fixed_dictionaries(dict.fromkeys(sections.NAMES, words)))
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, people: dict[str, str]
) -> None:
    path = tmp_path_factory.mktemp("card") / "README.md"
    text = card(variants.variant(3), variants.about(), people)
    path.write_bytes(text.encode("utf-8"))
    kept = sections.read(path)
    assert kept == {
        name: one.replace("\r\n", "\n").replace("\r", "\n").strip() for name, one in people.items()
    }
    again = card(variants.variant(3), variants.about(), kept)
    path.write_bytes(again.encode("utf-8"))
    assert sections.read(path) == kept
    assert sections.outer_hash(again) == sections.outer_hash(text)


def test_a_rebuild_keeps_what_people_wrote(tmp_path: Path) -> None:
    team = Team(tmp_path)
    readme = team.project.variant / "README.md"
    before = readme.read_text(encoding="utf-8")
    assert "Nobody has said yet." in before
    words = "Ana <ana@example.org>\n\n- segunda a sexta"
    edited = fill(fill(before, "who-to-ask", words), "cite", "```bibtex\n@misc{a}\n```")
    readme.write_bytes(edited.replace("\n", "\r\n").encode())  # as some editors save it
    assert not built(team).findings.of("warning"), "the marks are there for it"
    after = readme.read_text(encoding="utf-8")
    assert sections.section("who-to-ask", words) in after
    assert "Nobody has said yet." not in after
    assert "Cite this variant" not in after, "people say how to cite it"
    assert built(team).fresh is False
    team.collect(team.fill(team.issue()[0], "a.jsonl"))
    assert built(team).fresh
    changed = readme.read_text(encoding="utf-8")
    assert sections.section("who-to-ask", words) in changed
    assert changed != after
    assert not list(team.project.path.glob("*.edited*"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (ASK, "", "an end without a beginning"),
        (ASK, "<!-- people: who-to-aks -->", "there is no part 'who-to-aks'"),
        (f"{ASK}\n<!-- /people -->", "", "no part 'who-to-ask'"),
        (f"{ASK}\n<!-- /people -->", f"{ASK}\nAna", "who-to-ask does not end"),
        (ASK, f"{ASK}\nAna\n{ASK}", "who-to-ask has not ended yet"),
        (ASK, "<!-- people: cite -->x<!-- /people -->\n" + ASK, "cite for the second time"),
    ],
)
def test_damaged_marks_stop_the_build_and_nothing_is_touched(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    team = Team(tmp_path)
    readme = team.project.variant / "README.md"
    text = fill(readme.read_text(encoding="utf-8"), "about", "Feito em Recife.")
    assert text.count(old) == 1
    readme.write_text(text.replace(old, new), encoding="utf-8")
    team.collect(team.fill(team.issue()[0], "a.jsonl"))
    before = tree(team.project.variant)
    with pytest.raises(DeriveError, match="marks around") as caught:
        built(team)
    assert told in caught.value.what
    assert caught.value.where == str(readme)
    assert tree(team.project.variant) == before
    readme.write_text(text, encoding="utf-8")
    assert built(team).fresh
    assert "Feito em Recife." in readme.read_text(encoding="utf-8")


def test_what_is_changed_elsewhere_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    team = Team(tmp_path)
    folder = team.project.variant
    text = fill((folder / "README.md").read_text(encoding="utf-8"), "about", "Feito em Recife.")
    mine = text.replace("## Load it", "## Load it, says Ana")
    (folder / "README.md").write_text(mine, encoding="utf-8")
    (folder / "LICENSE").write_text("All mine.", encoding="utf-8")
    done = built(team)
    found = [(one.code, one.file) for one in done.findings.of("warning")]
    assert found == [("document-edited", "README.md"), ("document-edited", "LICENSE")]
    [readme] = team.project.path.glob("README.edited-*.md")
    [licence] = team.project.path.glob("LICENSE.edited-*")
    assert readme.name in done.findings.of("warning")[0].message
    assert (readme.read_text("utf-8"), licence.read_text("utf-8")) == (mine, "All mine.")
    anew = (folder / "README.md").read_text(encoding="utf-8")
    assert "says Ana" not in anew
    assert "Feito em Recife." in anew
    (folder / "excluded.parquet").unlink()
    assert not built(team).findings.of("warning"), "said once"


def test_a_build_that_was_killed_takes_its_own_card_for_nobodys(tmp_path: Path) -> None:
    """Every document is there, the ledger does not know of it yet."""
    team = Team(tmp_path)
    team.collect(team.fill(team.issue()[0], "a.jsonl"))
    built(team)
    ledger = team.project.ledger.path
    lines = ledger.read_bytes().splitlines(keepends=True)
    assert json.loads(lines[-1])["stage"] == "build"
    ledger.write_bytes(b"".join(lines[:-1]))
    before = tree(team.project.variant)
    assert not built(team).findings.of("warning")
    assert tree(team.project.variant) == before
    assert not list(team.project.path.glob("*.edited*"))


def test_a_card_of_an_older_derive_is_written_anew(tmp_path: Path) -> None:
    readme = tmp_path / "variant" / "README.md"
    readme.parent.mkdir()
    readme.write_text("# a card without marks\n", encoding="utf-8")
    from derive.files import hash_file

    hashes = {"README.md": hash_file(readme)}
    write_variant(variants.variant(), readme.parent, variants.about(), Past(hashes))
    assert ASK in readme.read_text(encoding="utf-8")
    readme.write_text("# a card without marks, and changed\n", encoding="utf-8")
    with pytest.raises(DeriveError, match="no part 'about'"):
        write_variant(variants.variant(), readme.parent, variants.about(), Past(hashes))


def test_a_card_that_is_not_utf_8_is_left_alone(tmp_path: Path) -> None:
    write_variant(variants.variant(), tmp_path, variants.about())
    readme = tmp_path / "README.md"
    readme.write_bytes(
        readme.read_bytes().replace(ASK.encode(), ASK.encode() + "José".encode("latin-1"))
    )
    before = readme.read_bytes()
    with pytest.raises(DeriveError, match="Not UTF-8"):
        write_variant(variants.variant(), tmp_path, variants.about())
    assert readme.read_bytes() == before
