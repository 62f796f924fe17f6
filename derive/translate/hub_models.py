"""A model's repository on the Hub: its files at one commit, those that are needed and no code.

huggingface_hub keeps them in its cache, with the parts of a download that was cut.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from derive.errors import DeriveError
from derive.hub_client import ask
from derive.progress import Report

_HUB = re.compile(r"^(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?$")
_SMALL = ("*.json", "*.txt", "*.spm", "*.model", "README.md", "LICENSE*")
# of the weights, the first of these that the repository has; the last is a pickle, of which only
# tensors are loaded (see convert.py), and which is not even fetched where there is something else
_WEIGHTS = ("model.bin", "model*.safetensors", "pytorch_model*.bin")
_BELOW = "*/*"  # other formats of the same weights, training states


def download(given: str, report: Report) -> tuple[Path, str]:
    """The files of a repository given as owner/name@revision, and the hash of their commit.

    With HF_HUB_OFFLINE they come from the Hub client's cache. Raises DeriveError: unknown, gated,
    not there, no connection, no weights.
    """
    match = _HUB.match(given)
    if not match:
        raise DeriveError(
            "No such folder, and no name of a Hub repository",
            where=given,
            fix="name a model's folder, or a repository as owner/name@revision",
        )
    repo, revision = match["repo"], match["revision"] or "main"
    path = _fetch(repo, revision, list(_SMALL), report)
    for weights in _WEIGHTS:
        _fetch(repo, path.name, [weights], report)
        if any(path.glob(weights)):
            return path, path.name
    raise DeriveError(
        f"The repository holds no weights: none of {', '.join(_WEIGHTS)}",
        where=given,
        fix="name the repository of a CTranslate2 model, or of a transformers checkpoint",
    )


def _fetch(repo: str, revision: str, patterns: list[str], report: Report) -> Path:
    from huggingface_hub import snapshot_download

    return Path(
        ask(
            lambda: snapshot_download(
                repo,
                revision=revision,
                allow_patterns=patterns,
                ignore_patterns=[_BELOW],
                tqdm_class=_bar(report),
            ),
            lambda error: _refused(repo, revision, error),
        )
    )


def _bar(report: Report) -> Any:
    """A progress bar of the Hub's client that draws nothing and reports the bytes instead."""
    from tqdm import tqdm  # type: ignore[import-untyped]

    class Bar(tqdm):  # type: ignore[misc]
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **{**named, "file": io.StringIO()})

        def display(self, *arguments: Any, **named: Any) -> None:
            if self.unit == "B" and self.n:
                report("downloading", int(self.n) // 10**6, int(self.total or 0) // 10**6, "MB")

    return Bar


def _refused(repo: str, revision: str, error: Exception) -> DeriveError:
    from huggingface_hub import errors, is_offline_mode

    from derive.hub_errors import TOKEN, chain, explain

    page = f"https://huggingface.co/{repo}"
    for one in chain(error):
        if isinstance(one, errors.GatedRepoError):
            return DeriveError(
                "The model is gated and access was refused",
                where=repo,
                fix=f"accept its terms at {page}, then {TOKEN}",
            )
        if isinstance(one, errors.RevisionNotFoundError):
            return DeriveError(f"No revision {revision!r}", where=repo, fix=f"see {page}/commits")
        if isinstance(one, errors.RepositoryNotFoundError):
            return DeriveError(
                "No such model on the Hub, or it is private and no valid token is set",
                where=repo,
                fix=f"check the name; for a private one {TOKEN}",
            )
        if isinstance(one, errors.LocalEntryNotFoundError) and is_offline_mode():
            return DeriveError(
                "The Hub is switched off (HF_HUB_OFFLINE) and the model is not in its cache, or"
                " not whole",
                where=repo,
                fix="unset HF_HUB_OFFLINE, or name a folder",
            )
    return explain(error, repo)
