"""The exports: every text as it is, every row accounted for, read by the harnesses themselves.

The heavy readers are not among the project's requirements: where one is not installed, its test
is skipped and the shape is all that is checked. Versions they were run with: see each test.
"""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import runpy
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive import tables
from derive.codes import CODES, Code
from derive.errors import DeriveError
from derive.variant.exports import EXPORTS, Context, export

TEXTS = [
    ("pt-BR", '=SOMA(A1)? "Olá", disse ela:\n\tquanto é 1+1, afinal?', "São 2; 'dois', enfim. 😀"),
    ("ar", "ما هي عاصمة مصر؟ \u200fقل «القاهرة»\u2028ثم توقف", "[القاهرة, \\n {{response}}]"),
    ("th", "ฝนตกไหมวันนี้ @SPLITS@ {name} 👩🏽‍🌾", 'ไม่ตก"""\\'),
    ("pt-BR", "  O que é um saci? \u0085 ", None),
    ("ar", "كم عدد أيام الأسبوع؟", "  \n"),
]
CONTEXT = Context(
    name="brazil",
    locale="pt-BR",
    title='A "sample" \\ title: with {braces}',
    licence="cc-by-nc-sa-4.0",
    attribution="Derived from Acme's Sample (https://example.org/sample).",
    purpose="Improving safety, and nothing else.",
)
ANSWERED = {"b-0", "b-1", "b-2"}
OF_ALL = {f"b-{number}" for number in range(len(TEXTS))}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    if "export-left-out" not in CODES:  # until derive/codes.py has it
        monkeypatch.setitem(CODES, "export-left-out", Code("note", "nothing to do"))


def row(number: int, locale: str, prompt: str, response: str | None) -> dict[str, Any]:
    origin = {"dataset": "acme/sample", "version": "v1", "revision": None, "id": f"s{number}"}
    return dict.fromkeys(tables.VARIANT) | {
        "id": f"b-{number}",
        "split": ("test", "dev", "new")[number % 3],
        "locale": locale,
        "prompt": prompt,
        "response": response,
        "harm_type": "Example" if number else None,
        "specific_harm": 'Weather, "and" more',
        "level": number % 3 if number else None,
        "decision": "transfer",
        "derived_from": origin,
        "prompt_origin": "mt",
        "evidence": [],
        "checks": [],
        "state": "translated",
        "licence": CONTEXT.licence,
    }


ROWS = [row(number, *texts) for number, texts in enumerate(TEXTS)]
VARIANT = tables.frame(ROWS, tables.VARIANT)
BY_ID = {one["id"]: one for one in ROWS}


def written(to: str, folder: Path, repo: str = "") -> Path:
    context = Context(**{**vars(CONTEXT), "repo": repo})
    for name, content in export(VARIANT, to, context)[0].items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def read(to: str, files: dict[str, bytes]) -> list[tuple[str, str, str, str | None]]:
    """(split, id, prompt, response) of every row; the response is None where it has no place."""
    found = []
    for name, content in files.items():
        split = re.split(r"[/-]", name)[-1].split(".")[0]
        if name.endswith(".csv"):
            rows = csv.DictReader(io.StringIO(content.decode(), newline=""))
            found += [(split, r["release_prompt_id"], r["prompt_text"], None) for r in rows]
        elif name.endswith(".jsonl"):
            for line in content.decode().splitlines():
                one = json.loads(line)
                asked, answered = one["messages"]
                assert (asked["role"], answered["role"]) == ("user", "assistant")
                found.append((split, one["id"], asked["content"], answered["content"]))
        elif name.endswith(".parquet"):
            table = pl.read_parquet(content)
            assert dict(table.schema) == tables.VARIANT
            found += [(split, *r) for r in table.select("id", "prompt", "response").iter_rows()]
        elif to == "moonshot" and name.endswith(".json"):
            examples = json.loads(content)["examples"]
            found += [(split, e["id"], e["input"], e["target"]) for e in examples]
        elif name.endswith(".json"):
            found += [(split, e["ID"], e["text"], e["output"]) for e in json.loads(content)]
    return found


@pytest.mark.parametrize("to", EXPORTS)
def test_texts_are_as_they_were_and_every_row_is_accounted_for(to: str) -> None:
    files, findings = export(VARIANT, to, CONTEXT)
    rows = read(to, files)
    left_out = [one.item for one in findings]
    assert sorted([one[1] for one in rows] + left_out) == sorted(OF_ALL)
    assert set(left_out) == (OF_ALL - ANSWERED if EXPORTS[to].needs_response else set())
    for split, identity, prompt, response in rows:
        original = BY_ID[identity]
        assert (split, prompt) == (original["split"], original["prompt"])
        if to != "ailuminate":
            assert (response or "") == (original["response"] or "")


@pytest.mark.parametrize("to", EXPORTS)
@pytest.mark.parametrize("repo", ["", "acme/brazil"])
def test_the_terms_go_along_and_the_bytes_are_the_same(to: str, repo: str) -> None:
    context = Context(**{**vars(CONTEXT), "repo": repo})
    files, _ = export(VARIANT, to, context)
    assert files == export(VARIANT, to, context)[0]
    assert list(files) == sorted(files)
    notice = files["NOTICE"].decode()
    for part in (CONTEXT.licence, CONTEXT.attribution, CONTEXT.purpose, CONTEXT.title, to):
        assert part in notice
    for name, content in files.items():
        assert (
            name == "NOTICE"
            or to not in ("moonshot", "messages")
            or (CONTEXT.licence.encode() in content and b"Acme's Sample" in content)
        )
    if repo and to in ("lm-evaluation-harness", "lighteval"):
        assert not read(to, files)
        assert any(repo.encode() in content for content in files.values())


def test_what_cannot_be_exported_is_refused() -> None:
    with pytest.raises(DeriveError, match="no export 'csv'"):
        export(VARIANT, "csv", CONTEXT)
    with pytest.raises(DeriveError, match="not the table of a variant"):
        export(VARIANT.drop("level"), "messages", CONTEXT)
    with pytest.raises(DeriveError, match="none of its rows has a response"):
        export(VARIANT.filter(~pl.col("id").is_in(ANSWERED)), "messages", CONTEXT)
    with pytest.raises(DeriveError, match="it is empty"):
        export(VARIANT.clear(), "ailuminate", CONTEXT)


def test_names_that_are_no_file_names() -> None:
    splits = ["a b", "a-b", "A_B", "ทดสอบ", "…"]
    rows = [{**row(n, "th", "x", "y"), "split": split} for n, split in enumerate(splits)]
    table = tables.frame(rows, tables.VARIANT)
    context = Context(**{**vars(CONTEXT), "name": "../ประเทศ|ไทย, 1"})
    for to in EXPORTS:
        files, _ = export(table, to, context)
        assert {one[1] for one in read(to, files)} == {one["id"] for one in rows}
        assert all(re.fullmatch(r"(data/)?[\w-]+(\.\w+)?", name) for name in files)
        assert not [name for name in files if "__" in name]


def test_ailuminate_has_the_columns_of_the_published_set(shared: Path) -> None:
    published = (shared / "data" / "ailuminate_demo_en_us.csv").read_bytes()
    text = export(VARIANT, "ailuminate", CONTEXT)[0]["test.csv"]
    assert text.splitlines()[0] == published.splitlines()[0]
    found = next(csv.DictReader(io.StringIO(text.decode(), newline="")))
    assert found["prompt_text"].startswith("=SOMA")  # a harness reads it, not a spreadsheet
    assert (found["locale"], found["hazard"]) == ("pt_BR", 'Weather, "and" more')
    known = next(csv.DictReader(io.StringIO(published.decode(), newline="")))
    assert len(found["prompt_hash"]) == len(known["prompt_hash"])


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1, max_size=4))
def test_any_text_comes_through(texts: list[str]) -> None:
    rows = [row(n, "pt-BR", text, f"a{text}") for n, text in enumerate(texts)]
    table = tables.frame(rows, tables.VARIANT)
    for to in EXPORTS:
        found = read(to, export(table, to, CONTEXT)[0])
        assert {one[1]: one[2] for one in found} == {one["id"]: one["prompt"] for one in rows}


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache outside of the test's folder, and nothing asked of the network."""
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr("datasets.config.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)


def asked(rows: list[dict[str, Any]]) -> dict[str, str]:
    return {one["id"]: one["prompt"] for one in rows}


@pytest.mark.usefixtures("offline")
def test_datasets_loads_what_the_harnesses_load(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    found = datasets.load_dataset(str(written("lighteval", tmp_path / "a")), "default")
    assert set(found) == {"test", "dev", "new"}
    assert asked([row for split in found.values() for row in split]) == asked(ROWS)

    folder = written("lm-evaluation-harness", tmp_path / "b")
    loader = runpy.run_path(str(folder / "variant_data.py"))
    for split in found:
        loaded = loader["load"](split=split, licence="whatever the task's metadata holds")
        assert asked(loaded[split]) == asked(found[split])

    folder = written("messages", tmp_path / "c")
    files = {path.stem: str(path) for path in folder.glob("*.jsonl")}
    for split, rows in datasets.load_dataset("json", data_files=files).items():
        for row in rows:
            assert row["messages"][0]["content"] == BY_ID[row["id"]]["prompt"]
            assert row["metadata"]["split"] == split


@pytest.mark.parametrize("repo", ["", "acme/brazil"])
def test_the_task_files_of_lm_eval_are_yaml(repo: str, tmp_path: Path) -> None:
    yaml = pytest.importorskip("yaml")

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))
    for path in written("lm-evaluation-harness", tmp_path, repo).glob("*.yaml"):
        task = yaml.load(path.read_text(encoding="utf-8"), Loader)
        assert task["task"] == path.stem == f"brazil_{task['test_split']}"
        assert task["metadata"]["title"] == CONTEXT.title
        assert task["metadata"]["attribution"] == CONTEXT.attribution
        source = {"dataset_path": "acme/brazil"} if repo else {}
        assert {key: task[key] for key in ("dataset_path",) if key in task} == source


@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("offline")
def test_lm_eval_runs_the_tasks(tmp_path: Path) -> None:
    """Run with lm_eval 0.4.13."""
    lm_eval = pytest.importorskip("lm_eval", reason="lm_eval is a harness, no requirement")
    tasks = pytest.importorskip("lm_eval.tasks")
    folder = written("lm-evaluation-harness", tmp_path / "tasks")
    manager = tasks.TaskManager(include_path=str(folder), include_defaults=False)
    done = lm_eval.simple_evaluate(
        model="dummy", tasks=["brazil"], task_manager=manager, log_samples=True
    )
    samples = [sample for task in done["samples"].values() for sample in task]
    assert {one["doc"]["id"]: one["arguments"][0][0] for one in samples} == asked(ROWS)
    assert {one["doc"]["id"]: one["target"] or None for one in samples} == {
        one["id"]: one["response"] for one in ROWS
    }
    about = done["configs"]["brazil_test"]["metadata"]
    assert (about["licence"], about["purpose"]) == (CONTEXT.licence, CONTEXT.purpose)


@pytest.mark.filterwarnings("default")
@pytest.mark.usefixtures("offline")
def test_lighteval_makes_its_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run with lighteval 0.13.0."""
    registry = pytest.importorskip(
        "lighteval.tasks.registry", reason="lighteval is a harness that needs torch"
    ).Registry
    task_class = pytest.importorskip("lighteval.tasks.lighteval_task").LightevalTask
    answer = pytest.importorskip("lighteval.models.model_output").ModelResponse
    # importing its own hundreds of tasks downloads files
    monkeypatch.setattr(registry, "_load_from_files", lambda *_: {})
    monkeypatch.setattr(registry, "_load_from_subdirs", lambda *_: {})
    folder = written("lighteval", tmp_path / "tasks")
    names = ",".join(f"brazil:{split}|0" for split in ("test", "dev", "new"))
    tasks = registry(tasks=names, custom_tasks=str(folder / "brazil.py")).load_tasks()
    task_class.load_datasets(tasks)
    docs = [doc for task in tasks.values() for doc in task.get_docs()]
    assert {doc.specific["id"]: doc.query for doc in docs} == asked(ROWS)
    assert {doc.specific["id"]: doc.get_golds() for doc in docs} == {
        one["id"]: [one["response"] or ""] for one in ROWS
    }
    [metric] = tasks["brazil:test|0"].metrics
    for text, score in (("سلام", 1.0), (" \n", 0.0)):
        assert metric.compute_sample(doc=docs[0], model_response=answer(text=[text])) == {
            "answered": score
        }


def test_the_tasks_of_lighteval_are_python(tmp_path: Path) -> None:
    for repo, value in (("", "str(Path(__file__).resolve().parent)"), ("a/b", "'a/b'")):
        source = (written("lighteval", tmp_path, repo) / "brazil.py").read_text(encoding="utf-8")
        tree = ast.parse(source)
        compile(tree, "brazil.py", "exec")
        assert CONTEXT.title in (ast.get_docstring(tree) or "")
        assert f"REPO = {value}" in source


@pytest.mark.filterwarnings("default")
def test_moonshot_knows_the_dataset(tmp_path: Path) -> None:
    """Run with aiverify-moonshot 0.7.6; its reader of files is in a repository, not on PyPI."""
    module = "moonshot.src.datasets.dataset_arguments"
    model = pytest.importorskip(module, reason="aiverify-moonshot is a harness").DatasetArguments
    for path in written("moonshot", tmp_path).glob("*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        assert set(content) == {"name", "description", "license", "reference", "examples"}
        # it takes the examples from a reader that goes through the file
        taken = model(**{**content, "id": path.stem, "examples": iter(content["examples"])})
        assert {**taken.to_dict(), "examples": list(taken.examples)}.items() >= content.items()


@pytest.mark.filterwarnings("default")
def test_trl_takes_the_rows_for_conversations() -> None:
    """Run with trl 1.16.0."""
    trl = pytest.importorskip("trl.data_utils", reason="trl needs torch")
    for name, content in export(VARIANT, "messages", CONTEXT)[0].items():
        for line in content.decode().splitlines() if name.endswith(".jsonl") else ():
            assert trl.is_conversational(json.loads(line))
