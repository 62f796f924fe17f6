"""Memory that runs out costs speed, never a sentence; what is fastest is measured once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ctranslate2
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from derive import stages
from derive.errors import DeriveError
from derive.translate import tuning
from derive.translate.cache import Cache
from derive.translate.ct2 import LOWEST, CTranslate2Engine, Settings, outputs_of
from derive.translate.models import find_model, load_model
from derive.translate.pool import Pool, size

MEMORY = [
    RuntimeError("CUDA failed with error out of memory"),
    RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"),
    MemoryError("std::bad_alloc"),
]


class Handle:
    """What CTranslate2 gives for a sentence of an asynchronous batch."""

    def __init__(self, tokens: list[str], error: Exception | None) -> None:
        self.hypotheses, self.scores, self._error = [tokens[:-1]], [-0.5], error

    def result(self) -> Handle:
        if self._error:
            raise self._error
        return self


def submitting(
    most: int, error: Exception, begun: list[int]
) -> Callable[[Sequence[list[str]]], list[Handle]]:
    """A translator whose memory holds `most` tokens; begun: the sizes it was asked for."""

    def submit(batch: Sequence[list[str]]) -> list[Handle]:
        begun.append(size(batch))
        return [Handle(tokens, error if size(batch) > most else None) for tokens in batch]

    return submit


BATCHES = st.lists(st.lists(st.integers(1, 9), min_size=1, max_size=12), max_size=8)


@given(BATCHES, st.integers(9, 60), st.integers(0, 4), st.sampled_from(MEMORY))
def test_every_sentence_comes_back_in_order(
    lengths: list[list[int]], most: int, waiting: int, error: Exception
) -> None:
    batches = [
        [[f"{at}.{n}"] * length for n, length in enumerate(one)] for at, one in enumerate(lengths)
    ]
    begun: list[int] = []
    pool = Pool(submitting(most, error, begun), waiting)
    done = [[one.hypotheses[0] for one in results] for results in pool.run(batches)]
    assert done == [[tokens[:-1] for tokens in batch] for batch in batches]
    if not any(size(batch) > most for batch in batches):
        assert begun == [size(batch) for batch in batches], "nothing is cut without need"


def test_what_follows_is_halved_beforehand() -> None:
    begun: list[int] = []
    list(Pool(submitting(20, MEMORY[0], begun), 0).run([[["x"] * 4] * 8] * 5))
    assert begun == [32] + [16] * 10


@pytest.mark.parametrize("error", [*MEMORY, RuntimeError("another error")])
def test_a_sentence_alone_that_is_too_large_is_an_error(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        list(Pool(submitting(1, error, []), 0).run([[["x", "y"]] * 4]))


class FakeTranslator:
    """Stands for ctranslate2.Translator on GPUs; `most` tokens fit into their memory."""

    most = 40_000
    load_errors: dict[str, Exception] = {}  # noqa: RUF012
    begun: list[int] = []  # noqa: RUF012
    made: list[dict[str, Any]] = []  # noqa: RUF012

    def __init__(self, path: str, **given: Any) -> None:
        self.made.append(given)
        self.compute_type = given["compute_type"]
        if self.compute_type in self.load_errors:
            raise self.load_errors[self.compute_type]

    def translate_batch(self, batch: Sequence[list[str]], **given: Any) -> list[Handle]:
        return submitting(self.most, MEMORY[0], self.begun)(batch)


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[FakeTranslator]:
    """Two GPUs, of which CTranslate2 tells what a test says."""
    fake = type("Fake", (FakeTranslator,), {"load_errors": {}, "begun": [], "made": []})
    types = {"float32", "float16", "int8", "int8_float16", "int8_float32", "bfloat16"}
    monkeypatch.setattr(ctranslate2, "Translator", fake)
    monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 2)
    monkeypatch.setattr(ctranslate2, "get_supported_compute_types", lambda device: types)
    monkeypatch.setenv("DERIVE_MODELS", str(tmp_path / "models"))
    return fake


def engine(**given: Any) -> CTranslate2Engine:
    model = load_model(find_model("pt-BR"))
    return CTranslate2Engine(model.path, model.descriptor, Settings(**given), "pt-BR")


def test_all_gpus_and_their_type(gpus: type[FakeTranslator]) -> None:
    one = engine()
    assert gpus.made == [{"device": "cuda", "compute_type": "float16", "device_index": [0, 1]}]
    assert (one.signature["device"], one.signature["compute_type"]) == ("cuda", "float16")
    assert engine(compute_type="int8").signature["compute_type"] == "int8"


def test_a_gpu_too_small_for_the_weights_gets_smaller_ones(gpus: type[FakeTranslator]) -> None:
    gpus.load_errors["float16"] = MEMORY[0]
    assert engine().signature["compute_type"] == "int8_float16"
    gpus.load_errors["int8_float16"] = RuntimeError("no such file")
    with pytest.raises(DeriveError, match="cannot load the model: no such file"):
        engine()


def test_batches_grow_until_memory_says_stop(
    gpus: type[FakeTranslator], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(1000))  # every batch takes a second, so a larger one is always worth it
    monkeypatch.setattr("derive.translate.ct2.time", SimpleNamespace(perf_counter=clock.__next__))
    one = engine()
    assert one.batch_tokens == one.signature["batch_tokens"] == 32_768
    assert max(gpus.begun) > gpus.most
    begun = len(gpus.begun)
    assert engine().batch_tokens == 32_768
    assert len(gpus.begun) == begun, "measured once"
    gpus.most = 200
    sentences = [f"Where is {'the old station ' * (n % 7)}{n}?" for n in range(300)]
    tokens = one.encode(sentences, "en")
    [outputs] = one.translate([tokens])
    assert [output.text for output in outputs] == one._pieces.decode([each[:-1] for each in tokens])


def test_no_memory_for_one_sentence_is_said(gpus: type[FakeTranslator]) -> None:
    one = engine()
    gpus.most = 1
    with pytest.raises(DeriveError, match="out of memory") as error:
        list(one.translate([one.encode(["Where is the old station?"], "en")]))
    assert "--device cpu" in (error.value.fix or "")


@pytest.mark.parametrize(
    ("number", "expected"),
    [(1, [(1, 1)]), (2, [(2, 1), (1, 2)]), (6, [(6, 1), (3, 2), (2, 3), (1, 6)])],
)
def test_choices_use_all_cores(number: int, expected: list[tuple[int, int]]) -> None:
    assert tuning.thread_choices(number) == expected


@pytest.mark.parametrize(
    ("took", "chosen"), [((1.0, 2.0), (2, 1)), ((1.04, 1.0), (2, 1)), ((1.1, 1.0), (1, 2))]
)
def test_the_usual_way_unless_another_is_clearly_faster(
    took: tuple[float, float], chosen: tuple[int, int]
) -> None:
    seconds = dict(zip([(2, 1), (1, 2)], took, strict=True))
    assert tuning.fastest([(2, 1), (1, 2)], seconds.__getitem__) == chosen


def test_growth_stops_where_it_does_not_pay() -> None:
    rates = {1: 10.0, 2: 19.0, 4: 20.0, 8: 100.0}
    assert tuning.largest([1, 2, 4, 8], rates.__getitem__) == 2
    assert tuning.largest([1, 2], lambda size: 0.0 if size == 2 else 5.0) == 1


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"x": 1}', "null"])
def test_what_was_measured_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    monkeypatch.setenv("DERIVE_MODELS", str(tmp_path))
    (tmp_path / "measured.json").write_text(damage)
    measured: list[str] = []

    def measure(what: str) -> Any:
        return tuning.remembered({"cores": what}, lambda: measured.append(what) or [what])  # type: ignore[func-returns-value]

    assert [measure("2"), measure("4"), measure("2")] == [["2"], ["4"], ["2"]]
    assert measured == ["2", "4"]


def test_threads_do_not_change_an_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores in full, not as rounded for the drafts; in every type that has another arithmetic."""
    monkeypatch.setenv("DERIVE_MODELS", str(tmp_path))
    monkeypatch.setattr(tuning, "cores", lambda: 4)
    for compute_type in ("int8", "float32"):
        one = engine(compute_type=compute_type)
        sentences = [f"What should {n} people {'and a cat ' * (n % 9)}eat?" for n in range(24)]
        batch = one.encode(sentences, "en")
        seen = []
        for choice in tuning.thread_choices(4):
            one._open(*choice)
            [done] = one._pool.run([batch])
            seen.append([(each.hypotheses, each.scores) for each in done])
        assert seen == [seen[0]] * 3
    one.batch_tokens = 64  # measured on batches of this size: less to wait for
    one.tune()
    [known] = tuning._read(tmp_path / "measured.json").values()
    assert tuple(known["result"]) in tuning.thread_choices(4)
    assert one.signature == engine(compute_type="float32").signature


def test_where_there_is_much_to_translate_it_is_measured(
    derive: Callable[..., Result], sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the drafts are the same as without."""
    monkeypatch.setenv("DERIVE_MODELS", str(tmp_path / "models"))
    drafts = []
    for many in (10_000, 10):
        monkeypatch.setattr(stages, "MANY", many)
        project = tmp_path / str(many)
        assert derive("init", project, "--source", sample, "--locale", "pt-BR").exit_code == 0
        assert derive("flag", project).exit_code == 0
        assert derive("translate", project).exit_code in (0, 1)
        drafts.append((project / "work" / "drafts.parquet").read_bytes())
        assert (tmp_path / "models" / "measured.json").is_file() is (many == 10)
    assert drafts[0] == drafts[1]


@pytest.mark.parametrize("score", [float("nan"), float("-inf"), float("inf")])
def test_numbers_that_ran_over_are_the_lowest_score(score: float) -> None:
    """In float16 a model's may; the cache takes no NaN."""
    [made] = outputs_of([([["a"], ["b"]], [score, -0.5])], ["one", "two"], 9)
    assert (made.text, made.score, made.others[0].score) == ("one", LOWEST, -0.5)
    store = Cache(None, {})
    store.put({"x": made})
    assert store.get(["x"]) == {"x": made}
