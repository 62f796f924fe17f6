"""A dataset repository on the Hub: what is in it, and what its owner may do with it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from derive import hub_client, hub_errors
from derive.errors import DeriveError

REFUSED = {
    403: ("may not be written to with this token", "use a token with write access to it"),
    404: ("is not there (any more), or not for this token", "run the same command again"),
    409: ("has changed meanwhile", "run the command without --yes to see what is there now"),
    412: ("has changed meanwhile", "run the command without --yes to see what is there now"),
}
T = TypeVar("T")


class RefusedError(DeriveError):
    """The Hub has understood, and will not (4xx)."""


@dataclass(frozen=True)
class Upload:
    """A file that is to be in the repository. path: there."""

    path: str
    content: Path | bytes

    def read(self) -> bytes:
        """Its bytes."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()

    @cached_property
    def size(self) -> int:
        """In bytes."""
        return len(self.read())

    @cached_property
    def sha256(self) -> str:
        """What a ledger, and Git LFS, know it by."""
        return hashlib.sha256(self.read()).hexdigest()

    @cached_property
    def git_oid(self) -> str:
        """What git knows it by."""
        data = self.read()
        return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()

    def is_in(self, files: Mapping[str, str]) -> bool:
        """Whether a listing of `Remote.files` has it as it is."""
        return files.get(self.path) in (self.sha256, self.git_oid)


@dataclass(frozen=True)
class State:
    """A repository as it is now. gated: auto, manual, or empty."""

    head: str
    private: bool
    gated: str


class Remote:
    """One dataset repository. All that is asked raises DeriveError where the Hub refuses."""

    def __init__(self, repo: str) -> None:
        from huggingface_hub import HfApi, get_token

        self.repo = repo
        token = get_token()
        if not token:
            raise DeriveError(
                "Publishing needs a token of the Hub",
                where=repo,
                fix=f"{hub_errors.TOKEN} (or run: hf auth login)",
            )
        if not token.isascii() or not token.isprintable() or " " in token:
            raise DeriveError(
                "HF_TOKEN holds characters that no token has", where=repo, fix=hub_errors.TOKEN
            )
        self._api = HfApi(token=token)

    def ask(self, call: Callable[[], T]) -> T:
        """What the call returns, asked with patience."""
        return hub_client.ask(call, self._explain)

    def _explain(self, error: Exception) -> DeriveError:
        code = hub_errors.status(error)
        if code in REFUSED:
            what, fix = REFUSED[code]
            said = f"The repository {what} ({code}): {hub_errors.words(error)}"
            return RefusedError(said, where=self.repo, fix=fix)
        told = hub_errors.explain(error, self.repo)
        refused = code and 400 <= code < 500 and code not in (401, 429)
        return RefusedError(told.what, where=told.where, fix=told.fix) if refused else told

    def check_owner(self) -> None:
        """Raise DeriveError if the token is not of the namespace's owner, or may only read."""
        account = self.ask(self._api.whoami)
        names = [account["name"], *(one["name"] for one in account.get("orgs", ()))]
        namespace, name = self.repo.split("/")
        if namespace not in names:
            raise DeriveError(
                f"{namespace} is somebody else's: the token may publish as {', '.join(names)}",
                where=self.repo,
                fix=f"name a repository of your own, as --repo {names[0]}/{name}",
            )
        token = account.get("auth", {}).get("accessToken", {})
        if token.get("role") == "read":
            raise DeriveError("The token may only read", where=self.repo, fix=hub_errors.TOKEN)

    def state(self) -> State | None:
        """The repository, or None if there is none."""
        from huggingface_hub.errors import RepositoryNotFoundError

        def look() -> State | None:
            try:
                info = self._api.dataset_info(self.repo)
            except RepositoryNotFoundError as error:
                if hub_errors.status(error) == 404:
                    return None
                raise
            return State(str(info.sha), bool(info.private), str(info.gated or ""))

        return self.ask(look)

    def tags(self) -> dict[str, str]:
        """Tag to commit."""
        refs = self.ask(lambda: self._api.list_repo_refs(self.repo, repo_type="dataset"))
        return {one.name: one.target_commit for one in refs.tags}

    def files(self, revision: str) -> dict[str, str]:
        """Path to hash: SHA-256 of a file in LFS, else the one that git gives it."""
        return self.ask(lambda: self._files(revision))

    def _files(self, revision: str) -> dict[str, str]:
        from huggingface_hub.hf_api import RepoFile

        tree = self._api.list_repo_tree(
            self.repo, recursive=True, revision=revision, repo_type="dataset"
        )
        return {
            one.path: one.lfs.sha256 if one.lfs else one.blob_id
            for one in tree
            if isinstance(one, RepoFile)
        }

    def download(self, path: str, revision: str) -> Path:
        """A file of the repository, in the Hub client's cache."""
        return Path(
            self.ask(
                lambda: self._api.hf_hub_download(
                    self.repo, path, revision=revision, repo_type="dataset"
                )
            )
        )

    def create(self) -> None:
        """Make the repository, private."""
        self.ask(lambda: self._api.create_repo(self.repo, repo_type="dataset", private=True))

    def set(self, **settings: Any) -> None:
        """Change `gated` or `private`."""
        self.ask(lambda: self._api.update_repo_settings(self.repo, repo_type="dataset", **settings))

    def commit(
        self, message: str, parent: str, uploads: Sequence[Upload], deleted: Sequence[str]
    ) -> str:
        """One commit onto `parent`, which must be the newest; its hash.

        If it is there already, because the answer to an earlier try was lost, there is no second.
        """
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        def once() -> str:
            gone = self._files("main").keys() & {*deleted}  # the client passes over what is up
            changes: list[CommitOperationAdd | CommitOperationDelete] = [
                *(CommitOperationDelete(path, is_folder=False) for path in sorted(gone)),
                *(CommitOperationAdd(one.path, one.content) for one in uploads),
            ]
            done = self._api.create_commit(
                self.repo,
                changes,
                commit_message=message,
                repo_type="dataset",
                parent_commit=parent,
            )
            return str(done.oid)

        commit = self.ask(once)
        there = self.files(commit)
        missing = [one.path for one in uploads if not one.is_in(there)]
        if missing:
            raise DeriveError(
                f"The Hub has not taken {', '.join(missing)}",
                where=self.repo,
                fix="look at the repository's .gitignore",
            )
        return commit

    def tag(self, name: str, commit: str) -> None:
        """Tag a commit."""
        self.ask(
            lambda: self._api.create_tag(self.repo, tag=name, revision=commit, repo_type="dataset")
        )
