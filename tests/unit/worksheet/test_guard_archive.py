"""Zips: bombs, liars and locked ones are refused; mailed folders are read within bounds."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
import zlib
from itertools import islice

import pytest
from hostile import ods, patched, xlsx, zipped

from derive.errors import DeriveError
from derive.worksheet import archive
from derive.worksheet.guard import is_archive_of_files, members, refuse_dangerous

MIB = 1 << 20
SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes, name: str = "a.xlsx") -> str:
    """What the guard says; it must name the file and something to do."""
    with pytest.raises(DeriveError) as caught:
        refuse_dangerous(data, name)
    assert caught.value.where
    assert caught.value.where.startswith(name)
    assert caught.value.fix
    return caught.value.what


def quoted_bomb(entries: int, size: int) -> bytes:
    """Many entries in the table of contents, all of the same packed bytes."""
    one = zipped({"a": bytes(size)})
    start = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    table = b"".join(
        one[start : end - 1] + bytes([65 + i]) for i in range(entries)
    )  # each under its own name
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, entries, entries, len(table), start, 0)
    return one[:start] + table + tail


def lying(size: int, says: int) -> bytes:
    """A member of `size` zeros that says it has `says`, with the checksum of as many."""
    data = zipped({"[Content_Types].xml": "<a/>", "b": bytes(size)})
    return patched(data, "b", size=says, crc=zlib.crc32(bytes(says)))


HONEST = xlsx()


@pytest.mark.parametrize(("data", "expected"), [
    (b"", "empty"),
    (bytes(5000), "empty"),
    (b" \r\n\0", "empty"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "password, or in the old format"),
    (b"Rar!\x1a\x07\0", "packed in a way"),
    (b"key,text\n1,a\n", "something else"),
    (HONEST[: len(HONEST) // 2], "cut off"),
    (HONEST[:-30], "cut off"),
    (HONEST[100:], "something else"),
    (b"PK\x05\x06" + bytes(18), "something else"),
    (patched(HONEST, SHEET, crc=7), "cut off"),
    (patched(HONEST, SHEET, size=7), "larger than the file says"),
    (patched(HONEST, SHEET, size=70_000), "cut off"),
    (patched(HONEST, SHEET, packed=9), "cut off"),
    (patched(HONEST, SHEET, packed=99_999_999), "cut off"),
    (patched(HONEST, SHEET, offset=10), "overlap"),
    (patched(HONEST, SHEET, offset=99_999_999), "cut off"),
    (patched(HONEST, SHEET, offset=0), "overlap"),
    (patched(HONEST, SHEET, flags=1), "password"),
    (patched(HONEST, SHEET, flags=0x40), "password"),
    (patched(HONEST, SHEET, method=99), "password"),
    (patched(HONEST, SHEET, method=9), "packed in a way"),
    (patched(HONEST, SHEET, size=2**31), "more than 800 times"),
    (xlsx(more={"xl/Worksheets/Sheet1.xml": "<a/>"}), "two parts of one name"),
    (xlsx(more={"xl\\worksheets/sheet1.xml": "<a/>"}), "two parts of one name"),
    (lying(40 * MIB, 1000), "larger than the file says"),
    (zipped({"a.txt": bytes(40 * MIB)}), "more than 800 times"),
    (zipped({"a.txt": b"a"}), "something else"),
    (quoted_bomb(20, 30 * 1000), "overlap"),
    (HONEST + b"x", "cut off"),
    (b"PK\x03\x04" + HONEST, "cut off"),
], ids=range(31))  # fmt: skip
def test_what_is_no_sound_workbook_is_refused(data: bytes, expected: str) -> None:
    assert expected in refusal(data)


def test_a_file_too_large_is_refused() -> None:
    assert "201 MB" in refusal(b"a" * (201 * MIB), "a.csv")


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_MEMBERS", 5), ("MAX_UNPACKED", 500), ("MAX_FILE", 1000)]
)
def test_limits_hold(limit: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_dangerous(HONEST, "a.xlsx")
    for module in ("archive", "guard"):
        monkeypatch.setattr(f"derive.worksheet.{module}.{limit}", value, raising=False)
    assert "more than" in refusal(HONEST)


def test_a_second_name_is_refused() -> None:
    """Extra field 0x7075 renames a member, for those who know it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(HONEST)) as source, zipfile.ZipFile(out, "w") as target:
        for entry in source.infolist():
            target.writestr(entry, source.read(entry))
        info = zipfile.ZipInfo("xl/media/a.png")
        info.extra = struct.pack("<2HBI", 0x7075, 5 + len(SHEET), 1, 0) + SHEET.encode()
        target.writestr(info, b"x")
    assert "damaged" in refusal(out.getvalue())


def test_a_name_with_an_end_inside_is_refused() -> None:
    data = xlsx(more={"xl/a.xml#.png": "<a/>"})
    assert "damaged" in refusal(data.replace(b"xl/a.xml#.png", b"xl/a.xml\0.png"))


def test_a_liar_is_not_unpacked() -> None:
    data = lying(400 * MIB, 1000)
    tracemalloc.start()
    try:
        refusal(data)
        assert tracemalloc.get_traced_memory()[1] < 20 * MIB
    finally:
        tracemalloc.stop()


TEXT = b"key,text\n1,a\n"


def test_kinds_of_zip() -> None:
    assert is_archive_of_files(zipped({"ana.xlsx": HONEST}))
    assert is_archive_of_files(zipped({"a.csv": TEXT}))
    for other in (HONEST, ods(""), TEXT, b"", HONEST[:200], b"PK\x03\x04"):
        assert not is_archive_of_files(other)


def test_members_are_found_in_mailed_folders() -> None:
    inner = zipped({"b.csv": TEXT, "deep/er.zip": zipped({"c.csv": TEXT + b"c"})})
    mail = zipped({
        "folder/": b"", "ana.xlsx": HONEST, "folder/é.csv": TEXT, "more.zip": inner,
        "__MACOSX/ana.xlsx": b"x", ".DS_Store": b"x", "folder/.hidden/a.csv": b"x",
        "~$ana.xlsx": b"x", "Thumbs.db": b"x", "../../etc/passwd": b"p", "a\nb.csv": TEXT,
        "win\\dows.csv": TEXT,
    })  # fmt: skip
    refuse_dangerous(mail, "mail.zip")
    assert dict(members(mail, "mail.zip")) == {
        "mail.zip/ana.xlsx": HONEST,
        "mail.zip/folder/é.csv": TEXT,
        "mail.zip/more.zip/b.csv": TEXT,
        "mail.zip/more.zip/deep/er.zip/c.csv": TEXT + b"c",
        "mail.zip/etc/passwd": b"p",
        "mail.zip/a\ufffdb.csv": TEXT,
        "mail.zip/win/dows.csv": TEXT,
    }


def test_zips_are_followed_to_a_small_depth() -> None:
    data = zipped({"a.csv": TEXT})
    for _ in range(archive.MAX_DEPTH - 1):
        data = zipped({"z.zip": data})
    assert len(dict(members(data, "m.zip"))) == 1
    with pytest.raises(DeriveError, match="inside each other"):
        dict(members(zipped({"z.zip": data}), "m.zip"))


def test_nested_zips_share_one_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = zipped({f"{i}.csv": TEXT * 50 for i in range(10)})
    data = zipped({f"{i}.zip": inner for i in range(10)})
    assert len(dict(members(data, "m.zip"))) == 100
    monkeypatch.setattr(archive, "MAX_MEMBERS", 50)
    with pytest.raises(DeriveError, match="unpacks to more"):
        dict(members(data, "m.zip"))
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MAX_UNPACKED", 60_000)
    assert len(list(islice(members(data, "m.zip"), 20))) == 20
    with pytest.raises(DeriveError, match="unpacks to more"):
        dict(members(data, "m.zip"))


def test_a_large_member_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_FILE", len(TEXT))
    dict(members(zipped({"a.csv": TEXT}), "m.zip"))
    with pytest.raises(DeriveError, match="more than"):
        dict(members(zipped({"a.csv": TEXT + b"x"}), "m.zip"))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (patched(zipped({"a.csv": TEXT}), "a.csv", flags=1), "password"),
        (patched(zipped({"a.csv": TEXT}), "a.csv", crc=1), "cut off"),
        (zipped({"a.csv": TEXT})[:-5], "cut off"),
    ],
)
def test_bad_mail_is_refused(data: bytes, expected: str) -> None:
    with pytest.raises(DeriveError, match=expected) as caught:
        dict(members(data, "m.zip"))
    assert str(caught.value.where).startswith("m.zip")


PLAIN = "<xliff version='2.0'><file/></xliff>"
DOCTYPE = "<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE xliff [<!ENTITY a 'b'>]>" + PLAIN


@pytest.mark.parametrize("name", ["a.xlf", "a.tmx", "a.csv", "a.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_doctype_in_bare_xml_is_refused(encoding: str, name: str) -> None:
    assert "DOCTYPE" in refusal(DOCTYPE.encode(encoding), name)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (DOCTYPE.encode("utf-32"), "UTF-32"),
        (DOCTYPE.encode("utf-32-le"), "UTF-32"),
        (f"<?xml version='1.0' encoding='UTF-7'?>{PLAIN}".encode(), "UTF-7"),
        (f"<?xml version='1.0' encoding='EUC-JP'?>{PLAIN}".encode(), "EUC-JP"),
        (b"<!-- " + b"x" * 2_000_000 + b" --><!DOCTYPE a SYSTEM 'http://x'><a/>", "DOCTYPE"),
        (b"\n" + DOCTYPE.encode(), "well-formed"),
        (b"not XML", "well-formed"),
    ],
    ids=range(7),
)
def test_bare_xml_in_disguise_is_refused(data: bytes, expected: str) -> None:
    assert expected in refusal(data, "a.xlf")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (PLAIN.encode(), "a.xlf"),
        (("<?xml version='1.0' encoding='UTF-16'?>" + PLAIN).encode("utf-16"), "a.tmx"),
        (f"<?xml version='1.0' encoding='ISO-8859-1'?>{PLAIN}é".encode("latin-1"), "a.tbx"),
        ((PLAIN + "<!DOCTYPE in the text, after the root").encode(), "a.xlf"),
        (TEXT, "a.csv"),
        ("key\ttext\n1\té\n".encode("utf-16"), "a.csv"),
        (b'{"a": "<!DOCTYPE x>"}', "a.json"),
        (b"key,<!DOCTYPE\n", "a.csv"),
        (b"<b>,text\n", "a.csv"),
        (b"<3,text\n", "a.csv"),
        (b'msgid "<!DOCTYPE a>"\n', "a.po"),
    ],
    ids=range(11),
)
def test_texts_pass(data: bytes, name: str) -> None:
    refuse_dangerous(data, name)
