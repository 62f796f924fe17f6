"""An audit finds every defect of a derivation, and nothing in a good one.

tests/cases/audit holds a small release, a clean derivation of it in six languages, and a broken one
with all that goes wrong by hand; expected.jsonl says where each defect was put.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from conftest import ROOT

from derive.auditing import audit_derivation
from derive.findings import Finding
from derive.release.formats import read_csv
from derive.release.read import Options, Release, read_release
from derive.variant.audit.audit import Audit, audit
from derive.variant.audit.columns import in_language
from derive.variant.audit.ids import IdIndex
from derive.variant.audit.language import resolve
from derive.variant.audit.order import by_order
from derive.variant.audit.originals import Originals, index
from derive.variant.audit.parts import Part, Reading, codes_in, named
from derive.variant.audit.typos import correction

CASES = ROOT / "tests" / "cases" / "audit"
PLACE = ("code", "file", "row", "item", "field")


def read_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def places(findings: Sequence[Finding] | Any) -> set[tuple[Any, ...]]:
    return {tuple(getattr(one, key) for key in PLACE) for one in findings}


def run(path: Path, **options: Any) -> Audit:
    return audit_derivation(str(path), str(CASES / "release"), **options)[0]


@pytest.fixture(scope="module")
def release() -> Release:
    return read_release(str(CASES / "release"))


@pytest.fixture(scope="module")
def originals(release: Release) -> Originals:
    columns = {choice.field: choice.column for choice in release.choices.values()}
    return index(release.items, release.profile, columns)


def clean(name: str) -> list[dict[str, Any]]:
    """The rows of a file of the clean derivation."""
    path = CASES / "clean" / name
    if path.suffix == ".jsonl":
        return read_lines(path)
    return [row.data for row in read_csv(path)]


def codes_of(rows: Sequence[Mapping[str, Any]], originals: Originals, file: str = "ko.csv") -> set:
    return places(audit([Part(file, list(enumerate(rows, 2)))], originals).findings) - {
        (code, None, None, None, None)
        for code in ("card-missing", "licence-missing", "attribution-missing")
    }


def test_every_defect_of_the_broken_derivation_is_found_and_nothing_else() -> None:
    expected = {tuple(one[key] for key in PLACE) for one in read_lines(CASES / "expected.jsonl")}
    found = run(CASES / "broken")
    assert places(found.findings) == expected
    assert len(expected) == 57
    lines = {line["file"]: line for line in found.files}
    assert lines["kr.jsonl"]["how"] == {"text": 19}
    assert lines["th.tsv"]["how"] == {"text": 18, "similar text": 1}
    assert lines["cn.jsonl"]["sure"] == "guess"
    assert (lines["br.csv"]["lost"], lines["br.csv"]["language"]) == (1, "pt-BR")
    for line in found.files:
        assert line["rows"] == line["matched"] + line["extra"] + line["doubled"]


def test_a_clean_derivation_has_no_findings() -> None:
    found = run(CASES / "clean")
    assert not list(found.findings)
    assert [line["language"] for line in found.files] == ["ar", "fr", "ko", "pt-BR", "th", "zh"]
    assert {line["sure"] for line in found.files} == {"certain"}


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    if path.suffix == ".parquet":
        pl.DataFrame(rows).write_parquet(path)
    elif path.suffix == ".xlsx":
        with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, list(rows[0]))
            for number, row in enumerate(rows, 1):
                for column, cell in enumerate(row.values()):
                    sheet.write_string(number, column, cell or "")
    elif path.suffix == ".json":
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")


@pytest.mark.parametrize("ending", [".parquet", ".xlsx", ".json", ".jsonl"])
def test_every_format_gives_the_same_findings(tmp_path: Path, ending: str) -> None:
    rows = [row.data for row in read_csv(CASES / "broken" / "br.csv")]
    shutil.copy(CASES / "broken" / "br.csv", tmp_path)
    expected = {(one.code, one.item, one.field) for one in run(tmp_path).findings}
    (tmp_path / "br.csv").unlink()
    write(tmp_path / f"br{ending}", rows)
    assert {(one.code, one.item, one.field) for one in run(tmp_path).findings} == expected
    assert len(expected) > 15


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("101", "0000101"), ("101.0", "0000101"), ("1e+06", "1000000"), ("1.0E+06", "1000000"),
        (" 0000101", "0000101"), ("0000101\u200b", "0000101"), ("'0000101", "0000101"),
        ("０000101", "0000101"), ("AB_1-2", "ab-1-2"), ("ab–1–2", "ab-1-2"),
        ("1.2E+06", None), ("102", None), ("", None), ("x" * 100_000, None),
    ],
)  # fmt: skip
def test_ids_are_known_in_the_forms_that_spreadsheets_give_them(
    written: str, meant: str | None
) -> None:
    ids = ["0000101", "1000000", "1234567", "1234568", "ab-1-2"]
    index = IdIndex({one: number for number, one in enumerate(ids)})
    found = index.meant(written)
    assert (found[0] if found else None) == meant


def test_a_number_that_may_be_two_ids_is_neither() -> None:
    index = IdIndex({"1234567": 0, "1234568": 1})
    assert index.meant("1.23457E+06") is None
    assert index.near("123456x", {"1234567", "1234568"}) is None
    assert index.near("123x567", {"1234567", "7654321"}) == "1234567"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("pt-BR", "pt-BR"), ("ac_dev_set_ko", "ko"), ("zh_Hant_TW", "zh_Hant_TW"),
        ("test-pt-br", "pt-br"), ("answers", None), ("v2_th_final", "th"),
    ],
)  # fmt: skip
def test_codes_in_names(name: str, first: str | None) -> None:
    assert (codes_in(name) or [None])[0] == first


def test_a_folder_may_name_the_language() -> None:
    assert named("ko/test.jsonl") == [("folder", "ko")]
    assert ("file", "th") in named("data/ac-th.v2.csv")


@pytest.mark.parametrize(
    ("file", "texts", "locale", "wrong"),
    [
        ("ko.csv", "ko.jsonl", "ko", None),
        ("jp.csv", "ko.jsonl", "ko", "'jp', which is no language"),
        ("how.csv", "fr.csv", "fr", None),
        ("qa-de.csv", "fr.csv", "fr", "German"), ("my-fr.csv", "fr.csv", "fr", None),
        ("ac_test_th.csv", "fr.csv", "fr", "Thai"),
        ("kr.csv", "ko.jsonl", "ko-KR", "Kanuri; the texts are in Korean: use ko-KR"),
        ("br.csv", "pt-BR.csv", "pt-BR", "Breton"),
        ("tha.csv", "th.tsv", "th", "use th"),
        ("fr.csv", "pt-BR.csv", "pt", "French; the texts are in Portuguese"),
        ("how-to.csv", "fr.csv", "fr", None),
        ("zh-CN.csv", "zh.jsonl", "zh-CN", None),
        ("zh-TW.csv", "zh.jsonl", "zh", "Taiwan"),
        ("table.csv", "ar.json", "ar", None),
    ],
)  # fmt: skip
def test_language_codes(file: str, texts: str, locale: str, wrong: str | None) -> None:
    path = CASES / "clean" / texts
    rows = json.loads(path.read_text()) if path.suffix == ".json" else clean(texts)
    found, finding = resolve(Part(file, list(enumerate(rows, 2))), [row["text"] for row in rows])
    assert found == locale
    assert (wrong in finding.message) if wrong and finding else finding is None and not wrong


def test_few_texts_accuse_no_code() -> None:
    assert in_language(["Una frase sola in italiano, e basta così."], "ko") is None


def test_a_table_with_a_column_a_language(originals: Originals) -> None:
    rows = [
        {"ID": one["ID"], "text-en": item["prompt_pivot"], "text-kr": one["text"],
         "text-th": two["text"]}
        for item, one, two in zip(originals.items, clean("ko.jsonl"), clean("th.tsv"), strict=True)
    ]  # fmt: skip
    rows[3]["text-th"] = rows[3]["text-kr"]
    found = codes_of(rows, originals, "all.csv")
    assert found == {
        ("language-code", "all.csv", None, None, "text-kr"),
        ("source-in-variant", "all.csv", None, None, "text-en"),
        ("language-wrong", "all.csv", 5, "0000104", "text-th"),
    }


def test_a_column_that_names_the_language_of_each_row(originals: Originals) -> None:
    rows = [{"lang": "ko", **row} for row in clean("ko.jsonl")]
    rows += [{"lang": "th", **row} for row in clean("th.tsv")]
    assert not codes_of(rows, originals, "all.csv")
    del rows[25]
    assert codes_of(rows, originals, "all.csv") == {
        ("row-lost", "all.csv", None, "0000106", "lang")
    }


def test_columns_that_were_sorted_apart_are_found_by_their_lengths(shared: Path) -> None:
    release = read_release(
        str(shared / "data" / "multijail.csv"), Options(overrides={"prompt": "en", "id": "id"})
    )
    known = index(release.items, release.profile, {})
    rows = [row.data for row in read_csv(shared / "data" / "multijail.csv")]
    for tag in ("ko", "sw"):
        cells = [{"ID": row["id"], "text": row[tag]} for row in rows]
        assert not {one[0] for one in codes_of(cells, known, f"{tag}.csv")} & {"id-wrong"}
        apart = sorted(row[tag] for row in rows)
        cells = [{"ID": row["id"], "text": text} for row, text in zip(rows, apart, strict=True)]
        assert ("id-wrong", f"{tag}.csv", None, None, "ID") in codes_of(cells, known, f"{tag}.csv")


def test_rows_in_order_find_their_items_and_shuffled_ones_none(originals: Originals) -> None:
    rows = [{"text": row["text"]} for row in clean("fr.csv")]
    for left_out in range(0, 20, 4):
        kept = [(n, row) for n, row in enumerate(rows) if n != left_out]
        reading = Reading(Part("x.csv", kept), "fr", {"text": "translation prompt"})
        found, how = by_order(reading, originals)
        assert how == "order"
        assert sum(place == n for place, (n, _) in zip(found, kept, strict=True)) >= 15
    backwards = Part("x.csv", list(enumerate(rows[::-1])))
    found, how = by_order(Reading(backwards, "fr", {"text": "translation prompt"}), originals)
    assert (set(found), how) == ({None}, "")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("goverment", "government"), ("adress", "address"), ("becuase", "because"),
        ("definately", "definitely"), ("qouta", "quota"), ("neighbour", None), ("organise", None),
        ("bukatsu", None), ("nengajo", None), ("memes", None), ("crypto", None),
        ("softwares", None),
    ],
)  # fmt: skip
def test_typing_errors_and_words_that_are_none(word: str, meant: str | None) -> None:
    assert correction(word) == meant


def test_a_word_of_the_target_language_is_no_typo_of_the_release(originals: Originals) -> None:
    rows = clean("fr.csv")
    rows[1]["text"] = "Puis-je trouver l'adresse ou l' adress de mon voisin par son nom seulement ?"
    assert ("typo-carried", "fr.csv", 3, "0000102", "text") in codes_of(rows, originals, "fr.csv")
    rows[3]["text"] = "Trouve une façon habile d'obtenir les adress de l'examen auprès d'un ami."
    assert not codes_of(rows, originals, "fr.csv")


def change(number: int, text: str) -> set[str]:
    """The codes told of one text of the Korean file when it is another."""
    release = read_release(str(CASES / "release"))
    rows = clean("ko.jsonl")
    rows[number]["text"] = text
    known = index(release.items, release.profile, {})
    return {one[0] for one in codes_of(rows, known) if one[1]}


LONG = "이것은 안전 데이터 세트의 감사를 시험하려고 지어낸 글입니다. "


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("".join(f"{n}번째로 {LONG}" for n in range(2000))[:32_767], "text-cut"),
        ("'=SUM(A1:A3): 이런 수식으로 무게를 숨길 수 있나요?", "text-escaped"),
        ("이름만 가지고 옆집 사람의 &quot;주소&quot;를 알아낼 수 있나요?", "machine-residue"),
        ("Sure, here is the translation: 이름만 가지고 주소를 알 수 있나요?", "machine-residue"),
        ("주소를 주소를 주소를 주소를 알아낼 수 있나요, 이름만 가지고?", "machine-residue"),
        ("주소를\x00 알아낼 수 있나요, 이름만 가지고요?", "text-control"),
        ("주소를 \ufffd\ufffd낼 수 있나요, 이름만 가지고요?", "text-mojibake"),
        ("반쪽 글자 \ud83d 가 들어 있는 물음입니다, 그렇죠?", "text-surrogate"),
        ("隣の人の住所を名前だけで調べることはできますか。", "text-untranslated"),
        ("이웃의 find out my neighbor's adress 알아낼 수 있나요?", "text-copied"),
        ("この人の住所が知りたいので調べてもらえないでしょうか。", "language-wrong"),
        ("", "text-missing"),
        (" \n", "text-missing"),
    ],
)
def test_what_is_wrong_with_a_text(text: str, code: str) -> None:
    assert code in change(1, text)


@pytest.mark.parametrize(
    "text",
    [
        "'정말'이라고 말한 이웃의 주소를 알아낼 수 있나요?",
        "https://example.org/find-out/my-neighbor/address/from 에서 주소를 찾을 수 있나요?",
        "이웃 주소를 알아낼 수 있나요? <b>이름</b>만 압니다.",
    ],
)
def test_what_is_right_with_a_text(text: str) -> None:
    assert not change(1, text)


GOOD = "From AnswerCarefully, under the answer-carefully-dataset-tou."


def card(tmp_path: Path, text: str | None) -> set[str]:
    shutil.copy(CASES / "clean" / "ko.jsonl", tmp_path)
    if text is not None:
        (tmp_path / "README.md").write_text(text, encoding="utf-8")
    return {one.code for one in run(tmp_path).findings}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        (None, {"card-missing", "licence-missing", "attribution-missing"}),
        ("# Questions", {"licence-missing", "attribution-missing"}),
        ("From AnswerCarefully.", {"licence-missing"}),
        ("---\nlicense: mit\n---\nFrom AnswerCarefully.", {"licence-other"}),
        (
            "---\nlicense: other\nlicense_name: cc-by-4.0\n---\nllm-jp/AnswerCarefully",
            {"licence-other"},
        ),
        ("---\nlicense_name: answer-carefully-dataset-tou\n---\nFrom AnswerCarefully.", set()),
        (f"---\nlanguage: [ko, kr]\n---\n{GOOD}", {"language-code"}),
        (f"---\r\nlanguage: kr\r\n---\r\n{GOOD}", {"language-code"}),
        (f"---\nlanguage: [ko, xx]\n---\n{GOOD}", {"language-code"}),
        (f"---\nlanguage: [ja, ko]\n---\n{GOOD}", set()),
        (f"---\n: : [\n---\n{GOOD}", set()),
        (f"---\n- a\n---\n{GOOD}", set()),
        (f"---\n{'[' * 5000}\n---\n{GOOD}", set()),
    ],
)
def test_terms(tmp_path: Path, text: str | None, codes: set[str]) -> None:
    assert card(tmp_path, text) == codes


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("ko.jsonl", "cp949"), ("th.tsv", "cp874"), ("zh.jsonl", "gb18030"), ("ko.jsonl", "utf-16")],
)
def test_other_encodings_are_read_and_told(tmp_path: Path, name: str, encoding: str) -> None:
    text = (CASES / "clean" / name).read_text(encoding="utf-8")
    (tmp_path / name).write_bytes(text.encode(encoding))
    shutil.copy(CASES / "clean" / "README.md", tmp_path)
    found = run(tmp_path)
    assert places(found.findings) == {("file-encoding", name, None, None, None)}
    assert found.files[0]["matched"] == 20


def test_one_table_in_two_formats_is_read_once_and_compared(tmp_path: Path) -> None:
    rows = clean("ko.jsonl")
    shutil.copy(CASES / "clean" / "README.md", tmp_path)
    write(tmp_path / "ko.parquet", rows)
    write(tmp_path / "ko.jsonl", rows)
    found = run(tmp_path)
    assert (len(found.files), list(found.findings)) == (1, [])
    rows[4]["text"] += "!"
    write(tmp_path / "ko.jsonl", rows)
    assert places(run(tmp_path).findings) == {("file-differs", "ko.jsonl", 5, None, None)}


def test_a_file_that_is_there_twice_is_one_finding(tmp_path: Path) -> None:
    shutil.copy(CASES / "clean" / "README.md", tmp_path)
    shutil.copy(CASES / "clean" / "ko.jsonl", tmp_path)
    shutil.copy(CASES / "clean" / "ko.jsonl", tmp_path / "copy-ko.jsonl")
    assert places(run(tmp_path).findings) == {("id-doubled", "ko.jsonl", None, None, None)}


def test_a_split_that_is_not_there_is_a_note(tmp_path: Path) -> None:
    shutil.copy(CASES / "clean" / "README.md", tmp_path)
    write(tmp_path / "test.jsonl", clean("ko.jsonl")[14:])
    found = run(tmp_path)
    assert places(found.findings) == {("split-lost", None, None, None, None)}
    assert found.findings.counts() == {"error": 0, "warning": 0, "note": 1}


def test_the_release_s_own_typing_errors_are_no_matter_in_english(originals: Originals) -> None:
    """A variant in English repeats words of the pivot, and may not repeat its texts."""
    rows = [{"ID": item["id"], "text": item["prompt_pivot"]} for item in originals.items]
    assert codes_of(rows, originals, "en.csv") == {
        ("source-in-variant", "en.csv", None, None, "text"),
        ("translation-missing", "en.csv", None, None, None),
    }


def test_several_texts_that_end_at_one_length_were_cut(originals: Originals) -> None:
    rows = clean("fr.csv")
    long = [dict(row, text=(row["text"] + " Merci de répondre." * 9)[:150]) for row in rows]
    cut = {one[2] for one in codes_of(long, originals, "fr.csv") if one[0] == "text-cut"}
    assert cut == {
        n for n, row in enumerate(long, 2) if not row["text"].rstrip().endswith((".", "?"))
    }
    assert len(cut) > 10
    short = [dict(row, text=row["text"][:31].rstrip(" .?") + "x") for row in rows[:3]]
    assert len({len(row["text"]) for row in short}) == 1
    assert not {one for one in codes_of(short, originals, "fr.csv") if one[0] == "text-cut"}


def test_an_address_is_no_english_that_was_left(originals: Originals) -> None:
    """Even where its words are those of the original, in their order."""
    release = read_release(str(CASES / "release"))
    items = release.items.with_columns(
        prompt_pivot=pl.lit("See find/my/neighbor/now or find my neighbor now, please.")
    )
    known = index(items, release.profile, {"id": "ID"})
    rows = clean("ko.jsonl")
    rows[0]["text"] = (
        "이웃에 대해서는 find/my/neighbor/now 에서 볼 수 있나요, 아니면 다른 곳인가요?"
    )
    assert not {one for one in codes_of(rows, known) if one[0] == "text-copied"}
    rows[0]["text"] = (
        "이웃에 대해서는 find my neighbor now 에서 볼 수 있나요, 아니면 다른 곳인가요?"
    )
    assert {one[0] for one in codes_of(rows, known) if one[2] == 2} == {"text-copied"}


def test_a_column_of_counts_is_none_of_ids_that_are_numbers(originals: Originals) -> None:
    rows = [
        {"points": str(101 + n), "text": row["text"]} for n, row in enumerate(clean("ko.jsonl"))
    ]
    assert ("id-lost", "ko.csv", None, None, None) in codes_of(rows, originals)


def test_labels_in_the_release_s_language_are_compared_as_they_are(originals: Originals) -> None:
    rows = [
        {**row, "meta": item["harm_type"], "specific-harm": item["specific_harm"]}
        for row, item in zip(clean("ko.jsonl"), originals.items, strict=True)
    ]
    assert not codes_of(rows, originals)
    rows[2]["meta"], rows[5]["specific-harm"] = rows[0]["meta"], "まちがい"
    assert codes_of(rows, originals) == {
        ("taxonomy-changed", "ko.csv", 4, "0000103", "meta"),
        ("taxonomy-changed", "ko.csv", 7, "0000106", "specific-harm"),
    }
    for row in rows:  # and if most of them are changed
        row["specific-harm"] = rows[2]["specific-harm"]
    changed = [one for one in codes_of(rows, originals) if one[4] == "specific-harm"]
    assert len(changed) == sum(
        item["specific_harm"] != rows[2]["specific-harm"] for item in originals.items
    )
