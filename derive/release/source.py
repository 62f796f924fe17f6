"""SOURCE: a Hub dataset, a folder saved by `datasets`, a folder of files, or one file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from derive.errors import DeriveError
from derive.files import read_text
from derive.findings import Findings
from derive.release.formats import READERS

_HUB = re.compile(
    r"^(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?(?::(?P<config>[\w.-]+))?$"
)
_SHARD = re.compile(r"^(?P<split>.+)-(?P<number>\d{5})-of-(?P<of>\d{5})$")
_KNOWN_SPLITS = {"train", "dev", "validation", "valid", "val", "test", "eval"}
_SAVED = ("dataset_dict.json", "dataset_info.json", "state.json")  # what save_to_disk leaves
_NOT_DATA = {".md", ".txt", ".gitattributes", ".gitignore", ".arrow", ".py", ".toml", ".yaml"}


@dataclass(frozen=True, slots=True)
class Source:
    """kind: "hub" (repo, revision, config), "saved" (path) or "files" (path, config)."""

    given: str
    kind: str
    path: Path = Path()
    repo: str = ""
    revision: str = ""
    config: str = ""


def parse(given: str, *, config: str = "", revision: str = "") -> Source:
    """Tell what a SOURCE is. A path that exists wins. Raises DeriveError if there is nothing."""
    try:
        path = Path(given).expanduser()
    except RuntimeError:  # ~somebody, who has no home here
        path = Path(given)
    if not given.strip():
        raise DeriveError(
            "No such file or folder: the SOURCE is empty",
            fix="name a file, a folder or a Hub dataset",
        )
    if not path.exists() and ":" in given:  # FOLDER:config
        before, _, after = given.rpartition(":")
        if Path(before).expanduser().is_dir():
            path, config = Path(before).expanduser(), config or after
    if path.is_dir():
        config = config or _default_config(path)
        inner = path / config if config else path
        if not inner.is_dir():
            raise DeriveError(
                f"No config {config!r} in the folder",
                where=path,
                fix=f"there are: {', '.join(_subfolders(path)) or 'no folders'}",
            )
        saved = any((inner / name).exists() for name in _SAVED[:2])
        return Source(given, "saved" if saved else "files", inner, config=config)
    if path.exists():
        return Source(given, "files", path)
    hub = _HUB.match(given)
    if hub and path.suffix not in READERS and not path.parent.is_dir():
        return Source(
            given,
            "hub",
            repo=hub["repo"],
            revision=revision or hub["revision"] or "",
            config=config or hub["config"] or "",
        )
    raise DeriveError(
        "No such file or folder",
        where=given,
        fix="check the path; a Hub dataset is written namespace/name or namespace/name@rev:config",
    )


def _default_config(path: Path) -> str:
    """The folder that the dataset card says is read unless another is named; empty for none."""
    card = path / "README.md"
    has_own = any(_is_data(one) for one in path.iterdir())
    if has_own or not card.is_file() or not read_text(card).startswith("---"):
        return ""
    from huggingface_hub import metadata_load

    try:
        configs = (metadata_load(card) or {}).get("configs") or []
        names = [one["config_name"] for one in configs if one.get("default") or len(configs) == 1]
    except Exception:  # people write YAML of any shape: then no config is the default
        return ""
    return next((str(one) for one in names if (path / str(one)).is_dir()), "")


def _subfolders(path: Path) -> list[str]:
    return sorted(one.name for one in path.iterdir() if one.is_dir() and one.name[0] not in "._")


def files_by_split(path: Path, findings: Findings) -> dict[str, list[Path]]:
    """The files of a folder, or one file, by the split their names tell.

    `dev.jsonl` is dev, `test-00000-of-00002.parquet` the first part of test; a single file with
    another name is the split "all". What is no data file is said. Raises DeriveError for a folder
    without data, a missing part, or a split in two formats.
    """
    if path.is_file():
        if path.suffix.lower() not in READERS:
            raise DeriveError(
                f"Files ending in {path.suffix or '(nothing)'} cannot be read",
                where=path,
                fix=f"use one of {', '.join(READERS)}",
            )
        shard = _SHARD.match(path.stem)
        split = shard["split"] if shard else path.stem
        return {split if split in _KNOWN_SPLITS else "all": [path]}
    data = [one for one in sorted(path.iterdir()) if _is_data(one)]
    if not data:
        folders = _subfolders(path)
        if "data" in folders:
            return files_by_split(path / "data", findings)
        raise DeriveError(
            "No data files in the folder",
            where=path,
            fix=f"name a config: {', '.join(f'{path}:{one}' for one in folders)}"
            if folders
            else f"put files there that end in {', '.join(READERS)}",
        )
    for other in sorted(path.iterdir()):
        if other.is_file() and not _is_data(other) and other.suffix not in _NOT_DATA:
            if other.name.startswith(".") or other.name.isupper():  # LICENSE, NOTICE
                continue
            findings.add("file-ignored", "not a data file by its ending", file=other.name)
    return _group(path, data)


def _is_data(path: Path) -> bool:
    # programs leave files such as ._dev.jsonl beside those that people made
    return (
        path.is_file() and path.suffix.lower() in READERS and not path.name.startswith((".", "~$"))
    )


def _group(path: Path, data: list[Path]) -> dict[str, list[Path]]:
    groups: dict[str, list[Path]] = {}
    for one in data:
        shard = _SHARD.match(one.stem)
        groups.setdefault(shard["split"] if shard else one.stem, []).append(one)
    for split, files in groups.items():
        shards = [_SHARD.match(file.stem) for file in files]
        numbered = [shard for shard in shards if shard]
        suffixes = {file.suffix for file in files}
        if len(suffixes) > 1 or (numbered and len(numbered) < len(files)):
            raise DeriveError(
                f"The split {split!r} is there more than once: {', '.join(f.name for f in files)}",
                where=path,
                fix="keep one of them in the folder, or name the file",
            )
        if len(sets := sorted({int(shard["of"]) for shard in numbered})) > 1:
            raise DeriveError(
                f"The split {split!r} is there in sets of {' and of '.join(map(str, sets))} parts",
                where=path,
                fix="keep the parts of one of them in the folder",
            )
        if sets and {int(shard["number"]) for shard in numbered} != set(range(sets[0])):
            raise DeriveError(
                f"The split {split!r} has {len(numbered)} of its {sets[0]} parts:"
                f" {', '.join(file.name for file in files)}",
                where=path,
                fix="get the missing files; parts are counted from 00000",
            )
    return groups
