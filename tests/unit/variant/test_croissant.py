"""croissant.json, read by mlcroissant itself (1.1.1)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import variants

from derive.variant.released import released
from derive.variant.write import write_variant

SAID = {
    "date": "2026-12-01",
    "repo": "acme/brazil",
    "creators": ["Acme Institute"],
}


def read(folder: Path) -> Any:
    mlcroissant = pytest.importorskip("mlcroissant")
    return mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))


def plain(value: Any) -> Any:
    """A record as a row: text for bytes, the last part of each field's ID for a name."""
    if isinstance(value, dict):
        return {name.rpartition("/")[2]: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


@pytest.mark.filterwarnings("ignore")
def test_mlcroissant_validates_it_and_reads_the_rows(tmp_path: Path) -> None:
    splits = ("dev", "a b", "ทดสอบ")
    rows = [variants.row(n, split=splits[n % 3]) for n in range(9)]
    write_variant(variants.variant(rows), tmp_path, variants.about(said=SAID))
    path = tmp_path / "croissant.json"
    out = released(path.name, path.read_text(encoding="utf-8"), "v1.2", "acme/brazil")
    path.write_text(out, encoding="utf-8")
    dataset = read(tmp_path)
    assert not dataset.metadata.ctx.issues.errors
    assert not dataset.metadata.ctx.issues.warnings
    sets = [one.id for one in dataset.metadata.record_sets]
    assert len(sets) == 3
    found = [plain(record) for name in sets for record in dataset.records(name)]
    assert sorted(found, key=lambda one: one["id"]) == rows
    for file in dataset.metadata.distribution:
        data = (tmp_path / file.content_url).read_bytes()
        assert file.sha256 == hashlib.sha256(data).hexdigest()
        assert file.content_size == f"{len(data)} B"


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("profile", ["answercarefully", "do-not-answer", "plain"])
def test_what_nobody_has_said_is_left_out_and_it_stays_valid(tmp_path: Path, profile: str) -> None:
    made = variants.variant(3 if profile != "plain" else 0)
    write_variant(made, tmp_path, variants.about(profile, stages={}, models=[]))
    dataset = read(tmp_path)
    assert not dataset.metadata.ctx.issues.errors
    document = json.loads((tmp_path / "croissant.json").read_text(encoding="utf-8"))
    assert not {"version", "datePublished", "url", "creator"} & set(document)
    assert not [name for name, value in document.items() if value in (None, "", [])]


def test_derivation_and_terms(tmp_path: Path) -> None:
    told = variants.about(config="v2.2", revision="c" * 40, said=SAID)
    write_variant(variants.variant(), tmp_path, told)
    document = json.loads((tmp_path / "croissant.json").read_text(encoding="utf-8"))
    assert document["isBasedOn"] == {
        "@type": "sc:Dataset",
        "name": "AnswerCarefully",
        "url": "https://huggingface.co/datasets/acme/sample",
        "version": "v2.2",
        "identifier": "c" * 40,
        "sha256": "ab" * 32,
    }
    assert document["prov:wasDerivedFrom"]["@id"] == document["isBasedOn"]["url"]
    assert "strictly prohibited" in document["usageInfo"]["description"]
    assert document["license"]["name"] == "answer-carefully-dataset-tou"
    assert document["creditText"].startswith("Derived from AnswerCarefully")
    assert "2506.02372" in document["citation"]
    assert document["url"] == "https://huggingface.co/datasets/acme/brazil"
    assert "year = {2026}" in document["citeAs"]
    assert "m 1 (MPL-2.0)" in document["rai:machineAnnotationTools"]
    labels = [one["prov:label"] for one in document["prov:wasGeneratedBy"]]
    assert labels == ["release", "flag", "translate", "collect"]
