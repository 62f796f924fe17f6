"""A release made ready for others: checked, in Parquet with declared types, counted, described.

A folder holds the versions of one dataset, each in a folder of its own that is written once:

    README.md               the dataset's card; ours is the section between the marks, and a config
    v2.3/<split>.parquet    what is released stays as it is ("data" without a version)
    changes/v2.3/           CHANGES.md, withdrawn.csv and .json, against the version before
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from derive.errors import DeriveError, explain_os_errors
from derive.files import TEMPORARY, read_text, write_bytes, write_text
from derive.findings import Finding, Findings, finding
from derive.progress import Report, silent
from derive.release.card import BEGIN, Described, merged, metadata, section
from derive.release.changelog import to_markdown
from derive.release.changes import WHY, Diff
from derive.release.check import check, counts
from derive.release.diff import diff
from derive.release.formats import READERS
from derive.release.normalise import UNSPLIT, encoded, holds, normalise
from derive.release.read import Options, Release, read_raw, read_release, release_of

_NAME = re.compile(r"\w[\w.-]*")
_ONLY = "default"  # the config of a dataset without versions
_TAKEN = ("data", "changes", _ONLY)
_VERSION = re.compile(r"(.*?)v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-+].*)?")
PARTS = ("major", "minor", "patch")


@dataclass(frozen=True)
class Prepared:
    """What became of a release.

    state: "written", "unchanged" (the folder holds it already) or "refused" (findings of severity
    error; nothing was written). difference: against the version before, if one was named.
    """

    state: str
    items: int
    counts: Mapping[str, Mapping[str, int]]
    findings: Findings
    difference: Diff | None
    files: list[Path] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """A JSON object, without texts of the release."""
        found = self.difference
        return {
            "state": self.state,
            "items": self.items,
            "counts": self.counts,
            "difference": found and found.counts(),
            "bump": found and found.bump,
            "withdrawn": [one.id for one in found.removed] if found else [],
            "files": [str(path) for path in self.files],
        }


def prepare(
    given: str,
    folder: Path,
    options: Options,
    *,
    version: str = "",
    previous: str = "",
    report: Report = silent,
) -> Prepared:
    """Check a SOURCE and write it into a folder as a release, with what is to be said of it.

    version: as v2.3; empty for a dataset without versions. previous: the SOURCE of the version
    before, read with the same options but for config and revision.
    Raises DeriveError if it cannot be read, if the folder is somebody else's, and if the folder
    holds another release of the same version.
    """
    _refuse(folder, version)
    options = replace(options, keep_going=True)
    report("reading the release", 0, 1, "sources")
    release, tables, findings = _read(given, options)
    release = replace(release, config=version or release.config)
    findings.extend(check(release.items, release.profile, config=release.config, report=report))
    difference = None
    if previous:
        old = read_release(previous, replace(options, config="", revision=""))
        difference = diff(old, release)
        findings.extend(_between(difference, old.config, version))
    counted = counts(release.items)
    done = Prepared("refused", release.items.height, counted, findings, difference)
    if findings.of("error"):
        return done
    name = version or _ONLY
    described = Described(
        name,
        release.profile,
        {**counted, "split": {_loaded(split): n for split, n in counted["split"].items()}},
        next(iter(tables.values())).schema,
        {choice.column: field for field, choice in release.choices.items()},
        f"changes/{name}",
        difference,
    )
    data = folder / (version or "data")
    paths = {split: data / f"{split}.parquet" for split in tables}
    with explain_os_errors("writing", folder):
        is_new = not data.exists()
        if not is_new:
            _refuse_other(data, tables)
        texts = dict(_about(folder / described.about, difference))
        texts[folder / "README.md"] = _card(folder, described, paths, is_new)
        texts = {path: text for path, text in texts.items() if not _holds(path, text)}
        if is_new:
            folder.mkdir(parents=True, exist_ok=True)
            _write_data(data, tables)
        for path, text in texts.items():
            write_text(path, text)
    state = "written" if is_new or texts else "unchanged"
    files = [*paths.values(), *sorted((folder / described.about).glob("*")), folder / "README.md"]
    return replace(done, state=state, files=files)


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode()


def _read(given: str, options: Options) -> tuple[Release, dict[str, Any], Findings]:
    """The release, its tables, and what both say; the rows as they came are let go again."""
    raw = read_raw(given, options)
    release = release_of(raw, options)
    findings = Findings(release.findings)
    return release, normalise(raw, findings), findings


def _refuse(folder: Path, version: str) -> None:
    if version and (not _NAME.fullmatch(version) or version in _TAKEN):
        raise DeriveError(f"{version!r} is no name for a version", fix="write it as v2.3 or 2.3.1")
    if folder.exists() and not folder.is_dir():
        raise DeriveError("There is a file of that name", where=folder, fix="name a folder")
    beside = sorted(one.name for one in folder.glob("*") if one.suffix.lower() in READERS)
    if beside:
        raise DeriveError(
            f"The folder holds data files that are of no version: {', '.join(beside[:5])}",
            where=folder,
            fix="name another folder for the releases",
        )


def _refuse_other(data: Path, tables: Mapping[str, Any]) -> None:
    """Raise DeriveError if a version is there with other content: what is released is released."""
    there = {path.name for path in data.iterdir() if not path.name.startswith(".")}
    wanted = {f"{split}.parquet": table for split, table in tables.items()}
    odd = there ^ wanted.keys()
    odd |= {name for name in there & wanted.keys() if not holds(data / name, wanted[name])}
    if odd:
        raise DeriveError(
            f"This version is released already, with other content: {', '.join(sorted(odd))}",
            where=data,
            fix="raise the version; what is released stays as it is",
        )


def _write_data(data: Path, tables: Mapping[str, Any]) -> None:
    """Write a version's folder in one step."""
    for left in data.parent.glob(f".{data.name}.*{TEMPORARY}"):  # of a run that was killed
        shutil.rmtree(left)
    new = Path(tempfile.mkdtemp(dir=data.parent, prefix=f".{data.name}.", suffix=TEMPORARY))
    try:
        for split, table in tables.items():
            write_bytes(new / f"{split}.parquet", encoded(table))
        new.chmod(0o755)
        new.rename(data)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _about(folder: Path, difference: Diff | None) -> Iterator[tuple[Path, str]]:
    """The files on what changed: path to text."""
    if difference is None:
        return
    yield folder / "CHANGES.md", to_markdown(difference)
    gone = [
        {"id": one.id, "split": one.split, "last_in": difference.old.label}
        for one in difference.removed
    ]
    yield folder / "withdrawn.json", json.dumps(gone, ensure_ascii=False, indent=1) + "\n"
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, ("id", "split", "last_in"), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(gone)
    yield folder / "withdrawn.csv", buffer.getvalue()


def _card(folder: Path, described: Described, paths: Mapping[str, Path], is_new: bool) -> str:
    """The card's text with the section and the config in it.

    A card that knows a version which is not new stays: it may tell of a later one.
    """
    from huggingface_hub import metadata_load, metadata_save

    path = folder / "README.md"
    text = read_text(path) if path.is_file() else ""
    files = {_loaded(split): one.relative_to(folder).as_posix() for split, one in paths.items()}
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name) / "README.md"
        scratch.write_text(text, encoding="utf-8", newline="")
        try:
            old = metadata_load(scratch) or {}
            known = [one["config_name"] for one in old.get("configs") or ()]
            data = metadata(old, described, files)
        except Exception as error:  # people write YAML of any shape
            raise DeriveError(
                f"The card's metadata cannot be read: {type(error).__name__}: {error}",
                where=path,
                fix="mend the block between the two lines ---",
            ) from None
        if described.name != _ONLY and _ONLY in known:
            raise DeriveError(
                f"The card has a config called {_ONLY!r}, beside which `datasets` reads no version",
                where=path,
                fix="name another folder, or leave the version out",
            )
        if not is_new and described.name in known and BEGIN in text:
            return text
        profile = described.profile
        title = folder.resolve().name if profile.name == "plain" else profile.title
        whole = merged(text, section(described), title, path)
        scratch.write_text(whole, encoding="utf-8", newline="")
        metadata_save(scratch, data)
        return scratch.read_bytes().decode("utf-8")


def _loaded(split: str) -> str:
    """What `datasets` calls a split; in it, `all` is every split, and what has none is train."""
    return "train" if split == UNSPLIT else split


def _between(found: Diff, before: str, version: str) -> Iterator[Finding]:
    """Findings on what changed since the version before."""
    for leak in found.leaks:
        like = "the prompt of" if leak.share == 100 else f"{leak.share:g} % like the prompt of"
        message = f"{like} {leak.old_id}, which was in {leak.old_split} before"
        yield finding("prompt-across-versions", message, item=leak.new_id, field=leak.field)
    old, new = (_VERSION.fullmatch(one) for one in (before, version))
    if not (old and new and old[1] == new[1]):
        return
    raised = _raised(*([int(part or 0) for part in one.groups()[1:]] for one in (old, new)))
    needed = PARTS.index(found.bump) if found.bump in PARTS else len(PARTS)
    if raised > needed:
        message = f"{before} to {version} is less than the change asks for: {found.bump}"
        yield finding("version-low", f"{message} ({WHY[found.bump]})")


def _raised(old: list[int], new: list[int]) -> int:
    """Which part of the version is the first that is higher: 0 to 2; 3 if it is not higher."""
    part = next((at for at in range(3) if old[at] != new[at]), 3)
    return part if part == 3 or new[part] > old[part] else 3
