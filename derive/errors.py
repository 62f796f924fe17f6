"""The one error that says "this cannot go on": what is wrong, where, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DeriveError(Exception):
    """Something cannot be done. The command line prints it and exits with 2.

    what:  one sentence, what is wrong.
    where: file, row, column … as a person would look for it; None if it has no place.
    fix:   one sentence, what to do.
    """

    def __init__(self, what: str, *, where: object = None, fix: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = None if where is None else str(where)
        self.fix = fix

    def __str__(self) -> str:
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.fix:
            lines.append(f"  what to do: {self.fix}")
        return "\n".join(lines)

    def as_dict(self) -> dict[str, str | None]:
        """The same as a JSON object: what, where, fix."""
        return {"what": self.what, "where": self.where, "fix": self.fix}


_ADVICE = {
    errno.ENOSPC: ("The disk is full", "free some space and run the same command again"),
    errno.EDQUOT: ("The disk quota is used up", "free some space and run the same command again"),
    errno.EROFS: ("The disk is read-only", "choose a folder that can be written to"),
    errno.EACCES: ("Permission denied", "change the permissions or choose another folder"),
    errno.EPERM: ("Permission denied", "change the permissions or choose another folder"),
    errno.EISDIR: ("A file is needed, this is a folder", "name a file"),
    errno.ENOTDIR: ("A folder is needed, this is a file", "name a folder"),
    errno.ENOENT: ("No such file or folder", "check the path"),
}


def from_os_error(error: OSError, doing: str, path: Path | str | None = None) -> DeriveError:
    """An operating system's refusal in this project's words. `doing`: "writing", "reading" …"""
    what, fix = _ADVICE.get(
        error.errno or 0, (error.strerror or str(error), "mend that and run the same command again")
    )
    return DeriveError(f"{what} (while {doing})", where=path or error.filename, fix=fix)


@contextmanager
def explain_os_errors(doing: str, path: Path | str) -> Iterator[None]:
    """Turn an OSError inside the block into a DeriveError that names `path`."""
    try:
        yield
    except OSError as error:
        raise from_os_error(error, doing, path) from error
