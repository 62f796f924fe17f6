"""The documents of the variant, by the command line, from the sample release."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from huggingface_hub import DatasetCard

Derive = Callable[..., Result]
SAID = """
[variant]
date = "2026-12-01"
repo = "acme/brazil"
creators = ["Acme Institute"]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from conftest import SAMPLE

    from derive import pipeline
    from derive.pipeline import Asked
    from derive.release.read import Options

    folder = tmp_path_factory.mktemp("project") / "brazil"
    pipeline.run(folder, Asked(str(SAMPLE), "pt-BR", Options()))
    return folder


def test_the_documents_of_the_sample(made: Path, derive: Derive) -> None:
    variant = made / "variant"
    names = {path.name for path in variant.iterdir()}
    assert names == {
        "README.md", "LICENSE", "croissant.json", "CHANGELOG.md", "data", "excluded.parquet",
    }  # fmt: skip
    card = (variant / "README.md").read_text(encoding="utf-8")
    assert "64 items of `sample-release`" in card
    assert "MPL-2.0" in card, "the licence of the model that drafted"
    assert card.count("█") > 100
    assert str(made) not in card + (variant / "croissant.json").read_text(encoding="utf-8")
    toml = made / "derive.toml"
    asked = toml.read_text(encoding="utf-8")
    toml.write_text(asked + SAID, encoding="utf-8")
    done = derive("build", made, "--json")
    assert done.exit_code == 0, done.stdout
    card = (variant / "README.md").read_text(encoding="utf-8")
    assert 'load_dataset("acme/brazil")' in card
    assert "author = {{Acme Institute}}" in card
    document = json.loads((variant / "croissant.json").read_text("utf-8"))
    assert document["datePublished"] == "2026-12-01"
    assert DatasetCard.load(variant / "README.md").data["configs"][0]["config_name"] == "default"
    assert "up to date" in derive("build", made).stderr + derive("build", made).stdout
    toml.write_text(asked + SAID.replace("2026-12-01", "today"), encoding="utf-8")
    refused = derive("build", made)
    assert refused.exit_code == 2
    assert "$.variant.date" in refused.stderr
    toml.write_text(asked, encoding="utf-8")


def test_people_are_told_where_the_marks_are_damaged(made: Path, derive: Derive) -> None:
    readme = made / "variant" / "README.md"
    text = readme.read_text(encoding="utf-8")
    readme.write_text(text.replace("<!-- people: limitations -->", "Nenhuma."), encoding="utf-8")
    refused = derive("build", made)
    assert refused.exit_code == 2
    assert "an end without a beginning" in refused.stderr
    assert "README.md" in refused.stderr
    assert "Traceback" not in refused.stderr
    readme.write_text(text.replace("## Load it", "## Carregar"), encoding="utf-8")
    done = derive("build", made)
    assert done.exit_code == 0
    assert "document-edited" in done.stdout
    assert list(made.glob("README.edited-*.md"))
