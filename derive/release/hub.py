"""Releases that `datasets` reads: from the Hub at a pinned commit, or saved to disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from derive import hub_client, hub_errors
from derive.errors import DeriveError
from derive.release.formats import Row
from derive.release.source import Source


def resolve_revision(source: Source) -> str:
    """The commit that the revision stands for now. Raises DeriveError (gated, unknown, offline)."""
    from huggingface_hub import HfApi

    def look() -> str:
        return str(HfApi().dataset_info(source.repo, revision=source.revision or None).sha)

    return hub_client.ask(look, lambda error: _refused(source, error))


def load_hub(source: Source, commit: str) -> Any:
    """Every split of one config at one commit, as `datasets` has them."""
    import datasets

    def load() -> Any:
        return datasets.load_dataset(source.repo, source.config or None, revision=commit)

    datasets.disable_progress_bars()
    return hub_client.ask(load, lambda error: _refused(source, error))


def download(source: Source, endings: Sequence[str]) -> Path:
    """The folder of a Hub dataset's files, as they are: those with one of the endings, and its
    card and licence. Raises DeriveError as `resolve_revision` does."""
    from huggingface_hub import snapshot_download

    wanted = [f"*{one}" for one in endings] + ["README*", "LICEN[CS]E*", "NOTICE*"]
    try:
        folder = snapshot_download(
            source.repo,
            repo_type="dataset",
            revision=resolve_revision(source),
            allow_patterns=wanted,
        )
    except DeriveError:
        raise
    except Exception as error:
        raise _refused(source, error) from error
    return Path(folder)


def load_saved(path: Path) -> Any:
    """A folder that `Dataset.save_to_disk` or `DatasetDict.save_to_disk` wrote."""
    import datasets

    try:
        return datasets.load_from_disk(str(path))
    except Exception as error:  # pyarrow, json and OS errors: the folder is damaged
        raise DeriveError(
            f"The folder saved by `datasets` cannot be read: {error}",
            where=path,
            fix="save it again with save_to_disk",
        ) from error


def rows(loaded: Any, name: str) -> Iterator[Row]:
    """The rows of every split of what was loaded; name: begins that of their file."""
    for split, table in _splits(loaded):
        for number, data in enumerate(table, 1):
            yield Row(f"{name}/{split}", number, dict(data), split)


def features(loaded: Any) -> Any:
    """The `datasets.Features` of all splits; None if they differ."""
    first, *others = (table.features for _, table in _splits(loaded))
    return first if all(one == first for one in others) else None


def _splits(loaded: Any) -> list[tuple[str, Any]]:
    if hasattr(loaded, "items"):
        return [(str(split), table) for split, table in loaded.items()]
    return [(str(loaded.split or "all"), loaded)]


def _refused(source: Source, error: Exception) -> DeriveError:
    """The Hub's refusals in words that say what to do. The token itself is never shown."""
    from datasets.exceptions import DatasetNotFoundError
    from huggingface_hub import errors

    page = f"https://huggingface.co/datasets/{source.repo}"

    def is_one(*kinds: type[BaseException]) -> bool:
        return any(isinstance(one, kinds) for one in hub_errors.chain(error))

    if is_one(errors.GatedRepoError) or "gated dataset" in str(error):
        return DeriveError(
            "The dataset is gated and access was refused",
            where=source.repo,
            fix=f"accept its terms at {page} with your account, make a token that may read it,"
            " and set it as HF_TOKEN (or run: hf auth login)",
        )
    if is_one(errors.RevisionNotFoundError):
        return DeriveError(
            f"No revision {source.revision!r}", where=source.repo, fix=f"see {page}/commits/main"
        )
    if is_one(errors.RepositoryNotFoundError, DatasetNotFoundError):
        return DeriveError(
            "No such dataset on the Hub, or it is private and no valid token is set",
            where=source.repo,
            fix="check the name; for a private one set HF_TOKEN",
        )
    if isinstance(error, ValueError) and "config" in str(error).lower():
        first = str(error).splitlines()[0]
        return DeriveError(first, where=source.repo, fix=f"name one: {source.repo}:CONFIG")
    told = hub_errors.explain(error, source.repo)
    return DeriveError(told.what, where=told.where, fix=f"{told.fix}; or name local files")
