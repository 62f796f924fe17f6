"""What every stage on a project folder has: what it is a function of, and what it did."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.files import hash_file
from derive.findings import Findings
from derive.profiles import Profile
from derive.project import Project


@dataclass(frozen=True)
class Request:
    """What a stage's output is a function of: hashes of its inputs, and its settings."""

    inputs: Mapping[str, str]
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """What a stage did. fresh: False if it was up to date and nothing was done."""

    stage: str
    fresh: bool
    counts: Mapping[str, int]
    findings: Findings
    outputs: list[Path]
    details: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """A JSON object; paths as text, findings counted by severity and code."""
        return {
            "stage": self.stage,
            "fresh": self.fresh,
            "counts": dict(self.counts),
            "findings": self.findings.counts(),
            "codes": {code: count for code, count, _ in self.findings.first_of_codes(0)},
            "outputs": [str(path) for path in self.outputs],
            "details": dict(self.details),
        }


def read_profile(project: Project) -> Profile:
    """The profile the project's release was read with. Raises DeriveError."""
    if not project.profile.is_file():
        raise DeriveError(
            "The project holds no release",
            where=project.path,
            fix="run: derive run SOURCE --locale TAG -o DIR, with the same arguments as before",
        )
    return Profile.from_document(json.loads(project.profile.read_text("utf-8")), project.profile)


def release_entry(project: Project) -> Mapping[str, Any]:
    """The ledger's entry of the pinned release. Raises DeriveError if there is none."""
    entry = project.ledger.last("release")
    if entry is None:
        read_profile(project)
        raise DeriveError("The ledger knows no release", where=project.path, fix="run derive run")
    return entry


def inputs(project: Project, *names: str) -> dict[str, str]:
    """The hashes of a stage's tables: items, profile, marks, routes, drafts. Raises DeriveError if
    one is not there yet, naming the command that makes it."""
    paths = {
        "items": project.items,
        "profile": project.profile,
        **{name: project.work(f"{name}.parquet") for name in ("marks", "routes", "drafts")},
    }
    stage_of = {"marks": "flag", "routes": "flag", "drafts": "translate"}
    for name in names:
        if not paths[name].is_file():
            read_profile(project)
            stage = stage_of.get(name, "run")
            raise DeriveError(
                f"The table {name} is not there yet",
                where=project.path,
                fix=f"run: derive {stage} {project.path}",
            )
    return {name: hash_file(paths[name]) for name in names}
