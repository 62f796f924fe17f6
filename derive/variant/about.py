"""What a variant's documents say of it besides its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from derive.languages import name as language_name
from derive.profiles import Profile


@dataclass(frozen=True)
class About:
    """Whose variant it is and how it was made; nothing in it tells the time.

    name: begins the IDs. locale: BCP-47. dataset: the source's repository on the Hub, or the name
    of its file or folder. config, revision: empty if it has none. content_hash: SHA-256 of the
    release. stages: what the ledger counted at each stage that was run, by its name. models: of
    the drafts, {name, version, licence, origin}. said: the table `variant` of derive.toml, version,
    date, repo and creators, each only if somebody wrote it.
    """

    name: str
    locale: str
    profile: Profile
    dataset: str
    config: str = ""
    revision: str = ""
    content_hash: str = ""
    stages: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    models: Sequence[Mapping[str, str]] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    allowed: str = ""

    @property
    def source(self) -> str:
        """The source dataset as people call it."""
        return self.dataset if self.profile.name == "plain" else self.profile.title

    @property
    def language(self) -> str:
        """The locale's name in English."""
        return language_name(self.locale)

    @property
    def title(self) -> str:
        """The variant as people call it."""
        return f"{self.source} for {self.language}"

    @property
    def source_repo(self) -> str:
        """The source's repository on the Hub, or nothing if it is on none."""
        if self.revision:
            return self.dataset
        return self.profile.datasets[0] if self.profile.datasets else ""

    @property
    def source_url(self) -> str:
        """A page of the source, or nothing."""
        link = self.profile.terms["licence_link"] or ""
        return f"https://huggingface.co/datasets/{self.source_repo}" if self.source_repo else link

    @property
    def repo(self) -> str:
        """The variant's own repository on the Hub, or nothing if nobody has named it."""
        return str(self.said.get("repo", ""))

    @property
    def url(self) -> str:
        """The variant's own page, or nothing."""
        return f"https://huggingface.co/datasets/{self.repo}" if self.repo else ""
