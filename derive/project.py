"""The project folder: derive.toml, where everything is, and the lock that keeps runs apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from derive import schemas
from derive.errors import DeriveError, explain_os_errors
from derive.files import TEMPORARY, hash_text, parse_toml, read_text, write_text
from derive.languages import canonical
from derive.ledger import Ledger

SCHEMA = 1
_HEADER = """\
# What was asked of this derivation. Change it by hand and run the stages again;
# what is up to date is not done twice. The ledger beside it says what was done.

"""


@dataclass(frozen=True)
class Project:
    """An open project folder; `config` is derive.toml, checked against the schema `project`."""

    path: Path
    config: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Begins every ID of the variant."""
        return str(self.config["name"])

    @property
    def locale(self) -> str:
        """The target locale, canonical BCP-47."""
        return str(self.config["locale"])

    def public_name(self, name: str) -> str:
        """What may be published of a person's name, as derive.toml says: the name, a pseudonym
        that is the same throughout this project, or nothing."""
        policy = self.config.get("people", {}).get("published", "pseudonyms")
        if not name or policy == "none":
            return ""
        if policy == "names":
            return name
        plain = " ".join([self.name, *name.split()]).casefold()
        return f"person-{hash_text(plain)[:6]}"

    @property
    def ledger(self) -> Ledger:
        """What was done here."""
        return Ledger(self.path)

    @property
    def items(self) -> Path:
        """The pinned release."""
        return self.path / "release" / "items.parquet"

    @property
    def profile(self) -> Path:
        """The profile it was read with, and its terms."""
        return self.path / "release" / "profile.json"

    @property
    def renamed(self) -> Path:
        """The items that are called otherwise than they were: old ID to new."""
        return self.path / "release" / "renamed.json"

    def renamed_ids(self) -> dict[str, str]:
        """Old IDs to what they are called in the pinned release."""
        if not self.renamed.is_file():
            return {}
        return dict(json.loads(self.renamed.read_text(encoding="utf-8")))

    def work(self, name: str) -> Path:
        """A file between the stages."""
        return self.path / "work" / name

    @property
    def worksheets(self) -> Path:
        """Files for people."""
        return self.path / "worksheets" / "out"

    @property
    def issued(self) -> Path:
        """Every worksheet as it went out, to know it when it comes back."""
        return self.path / "worksheets" / "issued"

    @property
    def returned(self) -> Path:
        """Worksheets as they came back."""
        return self.path / "worksheets" / "in"

    @property
    def reports(self) -> Path:
        """What is sent back to those who filled them."""
        return self.path / "worksheets" / "reports"

    @property
    def terms(self) -> Path:
        """The project's own terms, if it has any."""
        return self.path / "terms.csv"

    @property
    def counterparts(self) -> Path:
        """The project's own counterparts, if it has any."""
        return self.path / "counterparts.csv"

    @property
    def variant(self) -> Path:
        """What may be published."""
        return self.path / "variant"

    @property
    def published(self) -> Path:
        """The rows of the variant as it was published last; see derive/variant/changelog.py."""
        return self.path / "published.parquet"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder; a second run at the same time gets a DeriveError."""
        import filelock

        lock = filelock.FileLock(self.path / ".lock")
        with explain_os_errors("writing", self.path):
            try:
                lock.acquire(timeout=0)
            except filelock.Timeout:
                raise DeriveError(
                    "Another run is at work in this project folder",
                    where=self.path,
                    fix="wait until it has ended, or stop it",
                ) from None
        try:
            if is_project(self.path):
                self._sweep()
            yield
        finally:
            lock.release()

    def _sweep(self) -> None:
        """Remove what a killed run has left half-written; under the lock it is nobody's."""
        with explain_os_errors("removing temporary files", self.path):
            for path in self.path.rglob(f".*{TEMPORARY}"):
                path.unlink(missing_ok=True)


def configuration(
    name: str, locale: str, source: Mapping[str, Any], translate: Mapping[str, Any]
) -> dict[str, Any]:
    """A new derive.toml's content with the defaults filled in. Raises DeriveError."""
    config = {
        "schema": SCHEMA,
        "name": re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._") or "variant",
        "locale": canonical(locale),
        "source": {
            "location": "",
            "config": "",
            "revision": "",
            "splits": [],
            "profile": "",
            "language": "",
            "pivot": "",
            "map": {},
            **source,
        },
        "translate": {
            "model": "",
            "device": "auto",
            "compute_type": "default",
            "beam_size": 1,
            "alternatives": 0,
            "round_trip": "",
            "via": "",
            "from": "pivot",
            **translate,
        },
        "policy": {
            "routes": {"0": "translate", "1": "adapt", "2": "rewrite"},
            "untagged": "suggested",
            "variant": {"drafts": True, "state": "translated", "blocking": []},
        },
        "people": {"published": "pseudonyms"},
    }
    schemas.require("project", config, "the new derive.toml", "check the options")
    return config


def create(path: Path, config: Mapping[str, Any]) -> Project:
    """Make a project folder. Raises DeriveError if there is something else in it."""
    refuse_other_folder(path)
    write_config(path, config)
    return open_project(path)


def write_config(path: Path, config: Mapping[str, Any]) -> None:
    """Write a project folder's derive.toml."""
    import tomli_w

    write_text(path / "derive.toml", _HEADER + tomli_w.dumps(dict(config)))


def refuse_other_folder(path: Path) -> None:
    """Raise DeriveError if there is a file of that name, or a folder with other things in it."""
    with explain_os_errors("reading", path):
        if path.exists() and not path.is_dir():
            raise DeriveError("There is a file of that name", where=path, fix="name a new folder")
        # the lock, and what a run that was killed at once has left
        ours = [".lock", *(one.name for one in path.glob(f".derive.toml.*{TEMPORARY}"))]
        if path.is_dir() and any(one.name not in ours for one in path.iterdir()):
            raise DeriveError(
                "The folder is not empty and holds no project",
                where=path,
                fix="name a new folder",
            )


def is_project(path: Path) -> bool:
    """Whether the folder holds a project."""
    return (path / "derive.toml").is_file()


def open_project(path: Path) -> Project:
    """Open a project folder. Raises DeriveError if it is none, damaged, or of a newer schema."""
    file = path / "derive.toml"
    if not file.is_file():
        raise DeriveError(
            "Not a project folder: it has no derive.toml",
            where=path,
            fix="make one with: derive init DIR --source SOURCE --locale TAG",
        )
    config = parse_toml(read_text(file), file)
    schema = config.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise DeriveError(
            f"The project folder is of schema {schema}, this derive knows up to {SCHEMA}",
            where=file,
            fix="install a newer derive",
        )
    schemas.require("project", config, file, "mend the file")
    if canonical(config["locale"]) != config["locale"]:
        raise DeriveError(
            f"locale = {config['locale']!r} is not canonical",
            where=file,
            fix=f"write {canonical(config['locale'])!r}",
        )
    return Project(path, config)
