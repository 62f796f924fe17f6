"""CHANGELOG.md of a variant: what changed since it went out, and what people wrote around that."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
import variants
from hypothesis import given, settings
from hypothesis import strategies as st
from team import Team

from derive import pipeline
from derive.errors import DeriveError
from derive.variant import changelog
from derive.variant.changelog import BEGIN, END, Published, changes, recall, release, remember
from derive.variant.released import released


def test_what_changed_is_named() -> None:
    before = variants.variant(6).items
    rows = [variants.row(n) for n in range(1, 8)]
    rows[1] |= {"prompt": "outra"}
    rows[2] |= {"prompt": "mais uma", "evidence": ["https://c.example/"], "level": 0}
    after = variants.variant(rows).items
    assert changes(Published("v1.0", before), after) == [
        "2 items added: `brazil-000006`, `brazil-000007`.",
        "1 item no longer in it: `brazil-000000`.",
        "2 items with another `prompt`: `brazil-000002`, `brazil-000003`.",
        "1 item with another `level`: `brazil-000003`.",
        "1 item with another `evidence`: `brazil-000003`.",
    ]
    assert changes(Published("v1.0", before), before) == []
    older = before.drop("state", "level")
    assert changes(Published("v1.0", older), before) == [
        "Column `level` is new.",
        "Column `state` is new.",
    ]
    [line] = changes(Published("v1.0", before.clear()), variants.variant(40).items)
    assert line.startswith("40 items added")
    assert line.endswith("and 30 more.")


def test_a_version_goes_out_and_the_next_build_compares_with_it(tmp_path: Path) -> None:
    team = Team(tmp_path)
    project, path = team.project, team.project.variant / "CHANGELOG.md"
    first = path.read_text(encoding="utf-8")
    assert "## Unreleased\n\n- The first version: " in first
    path.write_text(first.replace(END, f"{END}\n\nWritten by Ana."), encoding="utf-8")
    out = released(path.name, path.read_text(encoding="utf-8"), "v1.0", "acme/brazil")
    assert f"{BEGIN}\n{END}\n\n## v1.0\n\n- The first version: " in out
    data = sorted((project.variant / "data").glob("*.parquet"))
    rows = pl.concat([pl.read_parquet(one) for one in data])
    remember(project.published, Published("v1.0", rows))
    path.write_text(out, encoding="utf-8")
    assert pipeline.redo(project, "build").fresh
    assert path.read_text(encoding="utf-8") == out, "nothing is unreleased"
    assert released(path.name, out, "v1.0", "acme/brazil") == out, "published once"
    team.collect(team.fill(team.issue()[0], "a.jsonl"))
    pipeline.redo(project, "build")
    last = path.read_text(encoding="utf-8")
    part = last[: last.index(END)]
    assert "items added: `brazil-" in part
    assert "with another `prompt`" in part
    assert last[last.index(END) :] == out[out.index(END) :]
    assert pipeline.redo(project, "build").fresh is False


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40).filter(
    lambda text: "<!--" not in text and "\r" not in text
)


@settings(deadline=None)
@given(words, words)
def test_what_people_write_around_it_stays(
    tmp_path_factory: pytest.TempPathFactory, above: str, below: str
) -> None:
    path = tmp_path_factory.mktemp("log") / "CHANGELOG.md"
    path.write_bytes(f"{above}\n{BEGIN}\nold\n{END}{below}".encode())
    text = changelog.updated(path, "t", ["new"])
    assert text == f"{above}\n{BEGIN}\n## Unreleased\n\n- new\n{END}{below}".removeprefix("\ufeff")
    out = release(text, "v1.0", path)
    top = text[: text.index(BEGIN)]
    assert out == f"{top}{BEGIN}\n{END}\n\n## v1.0\n\n- new\n{below}"
    path.write_bytes(out.encode())
    assert changelog.updated(path, "t", []) == out


@pytest.mark.parametrize("damaged", ["", BEGIN, END, f"{END}{BEGIN}", f"{BEGIN}{END}" * 2])
def test_damaged_marks_stop_the_build(tmp_path: Path, damaged: str) -> None:
    team = Team(tmp_path)
    path = team.project.variant / "CHANGELOG.md"
    path.write_text(f"# Mine\n{damaged}\n", encoding="utf-8")
    with pytest.raises(DeriveError, match="marks around the unreleased changes") as caught:
        pipeline.redo(team.project, "build")
    assert caught.value.where == str(path)
    assert path.read_text(encoding="utf-8") == f"# Mine\n{damaged}\n"


def test_a_damaged_record_is_named(tmp_path: Path) -> None:
    assert recall(tmp_path / "published.parquet") is None
    (tmp_path / "published.parquet").write_bytes(b"no")
    with pytest.raises(DeriveError, match="record of what was published is damaged"):
        recall(tmp_path / "published.parquet")
    variants.variant(2).items.write_parquet(tmp_path / "published.parquet")
    with pytest.raises(DeriveError, match="record of what was published is damaged"):
        recall(tmp_path / "published.parquet")
