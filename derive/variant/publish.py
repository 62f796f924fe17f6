"""A variant to the Hub: what would go up, and its going up.

The repository holds the variant's folder as it was built, and the data of every version in a folder
of its own, so that a reader can load any of them by config (`v1.0`) or by tag (`revision="v1.0"`).
A version is released once its tag is there; from then on it is never touched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from derive.errors import DeriveError
from derive.files import read_text
from derive.findings import Findings
from derive.variant import versions
from derive.variant.released import released
from derive.variant.remote import RefusedError, Remote, State, Upload

CARD, CHANGELOG = "README.md", "CHANGELOG.md"
DOCUMENTS = (CARD, CHANGELOG, "croissant.json")  # name the version and the repository
# what may be in a repository before its first version
_BLANK = {".gitattributes", ".gitignore", "README.md", "LICENSE"}


@dataclass(frozen=True)
class Asked:
    """What is to be published. files: path in the variant to the file; README.md is among them.

    version: empty for the next one. private: None for what the terms ask, or for what it is.
    """

    files: Mapping[str, Path]
    terms: Mapping[str, Any]
    version: str = ""
    private: bool | None = None

    @property
    def closed(self) -> bool:
        """Whether the terms keep the source's texts from going round freely."""
        return self.unknown or not self.terms["originals_may_be_republished"]

    @property
    def unknown(self) -> bool:
        """Whether nobody has stated the terms."""
        return bool(self.terms["licence"] == "unknown")

    @property
    def data(self) -> list[str]:
        """The Parquet files, one a split."""
        return sorted(path for path in self.files if path.startswith("data/") and
                      path.endswith(".parquet"))  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What publishing would do. state: the repository as it is; None if there is none yet.

    uploads: every file that is to be there. there: the hashes of what is. deleted: what leaves.
    commit: of the version, if it is released already. edited: what somebody has changed there
    since the last version, and that would be replaced or deleted.
    """

    repo: str
    version: str
    state: State | None
    private: bool
    gated: str
    uploads: tuple[Upload, ...]
    there: Mapping[str, str]
    deleted: tuple[str, ...] = ()
    commit: str = ""
    edited: tuple[str, ...] = ()

    @property
    def changes_settings(self) -> bool:
        """Whether visibility or gating is not yet as it should be."""
        return self.state is None or (self.private, self.gated) != (
            self.state.private,
            self.state.gated,
        )

    @property
    def nothing_to_do(self) -> bool:
        """Whether all of it is done."""
        return bool(self.commit) and not self.changes_settings

    def fate(self, upload: Upload) -> str:
        """new, replaced or same."""
        if upload.is_in(self.there):
            return "same"
        return "replaced" if upload.path in self.there else "new"

    @property
    def stays(self) -> list[str]:
        """What is in the repository and is left as it is."""
        ours = {*self.deleted, *(one.path for one in self.uploads)}
        return sorted(self.there.keys() - ours)

    def as_dict(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "repo": self.repo,
            "version": self.version,
            "tag": self.version,
            "exists": self.state is not None,
            "private": self.private,
            "gated": self.gated,
            "was": {"private": self.state.private, "gated": self.state.gated}
            if self.state
            else None,
            "nothing_to_do": self.nothing_to_do,
            "files": [
                {"path": one.path, "size": one.size, "sha256": one.sha256, "is": self.fate(one)}
                for one in self.uploads
            ],
            "deleted": list(self.deleted),
            "stays": self.stays,
            "edited": list(self.edited),
        }


def plan(remote: Remote, asked: Asked) -> Plan:
    """What publishing would do now; nothing is changed.

    Raises DeriveError if it may not be: another's repository, a version that is released with
    other content, a repository with something else in it, or a Hub that cannot be reached.
    """
    remote.check_owner()
    state = remote.state()
    private, gated = _settings(asked, state)
    planned = Plan(remote.repo, "", state, private, gated, (), {})
    if state is None:
        return _at(planned, asked, versions.canonical(asked.version or versions.FIRST), {})
    tags = {name: commit for name, commit in remote.tags().items() if versions.is_one(name)}
    there = remote.files(state.head)
    begun = _begun(there, tags, asked, remote.repo)
    last = versions.newest(tags)
    then = remote.files(tags[last]) if last else {}
    version = versions.canonical(asked.version) if asked.version else versions.newest(begun) or last
    if version in tags:
        done = _at(planned, asked, version, remote.files(tags[version]))
        if not (differ := _differences(done)):
            return replace(done, commit=tags[version])
        if asked.version:
            raise DeriveError(
                f"{version} is released with other content: {', '.join(differ)}",
                where=remote.repo,
                fix="publish this one as the next version: leave out --version",
            )
        before = [path for path in then if path.startswith(f"{last}/")]
        old = _rows(remote.download(path, tags[last]) for path in before)
        version = versions.following(last, old, _rows(asked.files[path] for path in asked.data))
    elif last and versions.order(version) <= versions.order(last):
        raise DeriveError(
            f"{last} is out already, {version} does not come after it",
            where=remote.repo,
            fix="name a later version, or leave out --version",
        )
    done = _at(planned, asked, version or versions.FIRST, there)
    touched = {*done.deleted, *(one.path for one in done.uploads if done.fate(one) == "replaced")}
    edited = {path for path in touched if last and there[path] != then.get(path)}
    return replace(done, edited=tuple(sorted(edited)))


def _begun(there: Mapping[str, str], tags: Mapping[str, str], asked: Asked, repo: str) -> set[str]:
    """Versions that went up, but not their tags. Raises DeriveError if another one is asked for,
    or if the repository holds something else."""
    begun = set(filter(versions.is_one, (path.split("/")[0] for path in there))) - tags.keys()
    if not tags and not begun and (other := there.keys() - _BLANK):
        raise DeriveError(
            f"The repository holds something else: {', '.join(sorted(other)[:5])}",
            where=repo,
            fix="name a new repository",
        )
    if begun and asked.version and versions.canonical(asked.version) not in {*begun, *tags}:
        raise DeriveError(
            f"{min(begun)} went up, but not its tag: publishing was cut",
            where=repo,
            fix=f"finish it first: --version {min(begun)}",
        )
    return begun


def apply(remote: Remote, planned: Plan, tell: Callable[[str], None]) -> tuple[str, Findings]:
    """Do what was planned. Returns the commit, and what a person has to do by hand.

    A repository is gated before data go up, and public only after. Raises DeriveError; what was
    done until then stays, and the next call goes on from there.
    """
    findings = Findings()
    if planned.state is None:
        tell(f"creating {planned.repo}, private")
        remote.create()
    now = remote.state() or State("", True, "")
    if planned.private and not now.private:
        remote.set(private=True)
    open_for_good = not planned.private
    if planned.gated != now.gated:
        try:
            remote.set(gated=planned.gated)
        except RefusedError as refused:
            page = f"https://huggingface.co/datasets/{planned.repo}/settings"
            if not now.private and not planned.private:
                raise DeriveError(
                    f"The repository is public, and the Hub did not gate it: {refused.what}",
                    where=planned.repo,
                    fix=f"switch on access requests at {page}, or publish with --private",
                ) from None
            message = f"the Hub did not gate the repository ({refused.what}); it stays private"
            findings.add("gate-by-hand", f"{message}: {page}")
            open_for_good = False
    commit = planned.commit
    if not commit:
        size = sum(one.size for one in planned.uploads)
        tell(f"uploading {len(planned.uploads)} files, {size:,} bytes")
        parent = planned.state.head if planned.state else now.head
        message = f"Release {planned.version}"
        commit = remote.commit(message, parent, planned.uploads, planned.deleted)
        if remote.tags().get(planned.version) != commit:
            remote.tag(planned.version, commit)
    if now.private and open_for_good:
        remote.set(private=False)
    return commit, findings


def _at(planned: Plan, asked: Asked, version: str, there: Mapping[str, str]) -> Plan:
    """The plan for a version, against these files."""
    ours = {**asked.files, **{f"{version}/{Path(path).name}": asked.files[path]
                              for path in asked.data}}  # fmt: skip
    deleted = [path for path in there.keys() - ours if path.startswith(("data/", f"{version}/"))]

    def content(path: str, file: Path) -> Path | bytes:
        if path not in DOCUMENTS:
            return file
        text = released(path, read_text(file), version, planned.repo)
        if path == CARD:
            text = versions.with_configs(text, (there.keys() | ours) - {*deleted})
        return text.encode()

    uploads = tuple(Upload(path, content(path, file)) for path, file in sorted(ours.items()))
    return replace(
        planned, version=version, uploads=uploads, there=there, deleted=tuple(sorted(deleted))
    )


def _differences(planned: Plan) -> list[str]:
    """Paths that are not there as planned. What is unreleased, and so the changelog, is another
    thing again once a version is out."""
    missing = [one.path for one in planned.uploads if not one.is_in(planned.there)]
    return [path for path in [*missing, *planned.deleted] if path != CHANGELOG]


def _settings(asked: Asked, state: State | None) -> tuple[bool, str]:
    """Private or not, and how it is gated: as the terms ask. Gating is never taken away."""
    if asked.private is False and asked.unknown:
        raise DeriveError(
            "Nobody has stated the source's terms, so the variant may not be public",
            fix="state them in a profile, and make the project with --profile",
        )
    private = asked.private
    if private is None:
        private = state.private if state and not asked.unknown else asked.closed
    gated = state.gated if state else ""
    if asked.closed and not gated:
        gated = "manual" if asked.unknown else "auto"
    return private, gated


def _rows(files: Iterable[Path]) -> pl.DataFrame:
    """The rows of a version; none if its folder on the Hub is not as we write it."""
    tables = [pl.read_parquet(file) for file in files]
    return pl.concat(tables) if tables else pl.DataFrame({"id": ["?"]})
