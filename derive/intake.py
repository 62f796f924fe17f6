"""Taking files in that came back: which are ours, what is asked of them, what their senders get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive import locales, people
from derive.errors import DeriveError
from derive.progress import Report, silent
from derive.project import Project

if TYPE_CHECKING:
    from derive.worksheet.collect.collect import Collected
    from derive.worksheet.collect.returns import Kept


@dataclass(frozen=True)
class Taken:
    """What `collect` is asked beside its files: see the record of a returned file.

    instead_of: names or hashes of files. dismiss: `KEY:CODE`. reopen: keys.
    """

    author: str = ""
    instead_of: tuple[str, ...] = ()
    reopen: tuple[str, ...] = ()
    dismiss: tuple[str, ...] = field(default=())
    dry_run: bool = False


def known(project: Project, paths: Iterable[Path], taken: Taken) -> list[Kept]:
    """The records of these files if each is kept and reported on, and nothing new is asked; else
    none."""
    from derive.worksheet.collect import returns

    before = {one.hash: one for one in returns.load(project.returned)}
    if taken.instead_of:
        return []
    if taken.reopen:
        return []
    asked = {"author": taken.author, "dismiss": taken.dismiss}
    found = []
    for name, data in returns.open_files(paths):
        one = before.get(returns.hash_of(data))
        if one is None or returns.told(one, name=name, **asked) != one:
            return []
        if not any(project.reports.glob(f"*.{one.hash[:8]}.report.txt")):
            return []  # the run that kept it was killed before its report was written
        found.append(one)
    return found


def take_in(
    project: Project, paths: Iterable[Path], taken: Taken, report: Report = silent
) -> tuple[Collected, list[Kept]]:
    """Read files, folders and zips beside all that came before, and keep those that are ours.

    Returns what all of them give, and the files of this call. Raises DeriveError if none of the
    files is a worksheet of this project, and for an --instead-of, --reopen or --dismiss that
    names nothing.
    """
    from derive.worksheet.collect import returns

    before = {one.hash: one for one in returns.load(project.returned)}
    new: dict[str, bytes] = {}
    names: dict[str, str] = {}
    for name, data in returns.open_files(paths):
        digest = returns.hash_of(data)
        new.setdefault(digest, data)
        names.setdefault(digest, name)
    if not new and (taken.instead_of or taken.author):
        raise DeriveError(
            "--instead-of and --author say something of files, and none is named",
            fix="name the files: derive collect DIR FILE…",
        )
    _check_dismissals(taken)
    asked = {**_asked(taken, before, names), "reopen": _reopen(project, taken)}
    candidates = [
        (returns.told(before.get(one) or returns.Kept(one, names[one], ""), name=names[one],
                      **asked), data)
        for one, data in new.items()
    ] or [
        (returns.told(one, **asked), returns.content(project.returned, one))
        for one in before.values()
    ]  # fmt: skip
    others = [
        (one, returns.content(project.returned, one))
        for one in before.values()
        if one.hash not in {kept.hash for kept, _ in candidates}
    ]
    done = people.collected(project, [*others, *candidates], report)
    good = [(one, data) for one, data in candidates if one.hash not in done.refused]
    if new and not good:
        errors = list(done.refused.values())
        places = "\n    ".join(one.where or "" for one in errors)
        raise DeriveError(errors[0].what, where=places, fix=errors[0].fix)
    if not taken.dry_run:
        kept = [returns.keep(project.returned, one, data) for one, data in good]
    else:
        kept = [one for one, _ in good]
    return done, kept if new else []


_SET_ASIDE = ("text-", "response-", "number-", "term-", "counterpart-", "draft-")


def _check_dismissals(taken: Taken) -> None:
    """Only what a check says of a text can be set aside."""
    from derive.codes import CODES

    for said in taken.dismiss:
        key, _, code = said.rpartition(":")
        if not key or code not in CODES or not code.startswith(_SET_ASIDE):
            raise DeriveError(
                f"--dismiss {said}: not KEY:CODE with the code of a finding on a text",
                fix="copy both from what collect prints: the key, a colon, the code in brackets",
            )


def _reopen(project: Project, taken: Taken) -> tuple[str, ...]:
    """The final units of --reopen, each with the submission that made it final."""
    if not taken.reopen:
        return ()
    final = {
        key: one.heads[0].submission.id
        for key, one in people.progress(project).standings.items()
        if one.state == "final"
    }
    for key in taken.reopen:
        if key not in final:
            raise DeriveError(f"--reopen {key}: no final unit has this key", fix="copy the key")
    return tuple(f"{key}@{final[key]}" for key in taken.reopen)


def _asked(taken: Taken, before: Mapping[str, Kept], names: Mapping[str, str]) -> dict[str, Any]:
    """The record's additions; the files that --instead-of names, as hashes."""
    replaced = []
    for name in taken.instead_of:
        called = [
            one
            for one in before.values()
            if one.name == Path(name).name or one.hash.startswith(name)
        ]
        fitting = [one.hash for one in called if one.hash not in names]
        if len(fitting) != 1:
            raise DeriveError(
                f"--instead-of {name}: it is among the files given"
                if called and not fitting
                else f"--instead-of {name}: {len(fitting) or 'no'} collected files are called so",
                fix="name only the newer file, and the older one by its hash: "
                + ", ".join(f"{one.hash} ({one.name})" for one in before.values()),
            )
        if names.keys() & _replaced_by(fitting[0], before):
            raise DeriveError(
                f"--instead-of {name}: it was itself sent instead of this file",
                fix="collect the newer of the two with --instead-of the older",
            )
        replaced += fitting
    return {
        "author": taken.author, "instead_of": tuple(replaced), "dismiss": taken.dismiss,
    }  # fmt: skip


def _replaced_by(hash: str, before: Mapping[str, Kept]) -> set[str]:
    """The files that a file was sent instead of, directly or through others."""
    found: set[str] = set()
    line = [hash]
    while line:
        one = before.get(line.pop())
        new = set(one.instead_of) - found if one else set()
        found |= new
        line += new
    return found


def write_reports(project: Project, done: Collected, kept: Iterable[Kept]) -> list[Path]:
    """For each returned file what to tell its sender, and a copy with the findings in its cells."""
    from derive.worksheet.collect.report import write_report
    from derive.worksheet.contract import Looks

    looks = Looks(locales.complete(locales.load(project.locale)))
    return [path for one in kept for path in write_report(project.reports, one, done, looks)]
