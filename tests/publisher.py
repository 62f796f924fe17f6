"""A team that publishes, for tests: a project with a variant, an account, and the local Hub.

The commands run in this process, so the Hub's client is pointed at the server by its constants;
tests/cli/test_whole_flow.py runs them as people do. Waiting takes no time, and is written down.
"""

from __future__ import annotations

import copy
import shutil
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hub_server import Files, HubServer, Repository
from team import Team, translated

from derive import pipeline
from derive.cli import cli
from derive.project import open_project

TOKEN = "hf_MARKER" + "x" * 28
REPO = "ana/brazil-safety"


def filled(folder: Path) -> Team:
    """A team whose variant holds what Ana has translated, the first four of six items, and the
    draft of the sixth."""
    team = Team(folder, count=6)
    hand_in(team, 1, 2, 3, 4)
    return team


def hand_in(team: Team, *numbers: int, who: str = "") -> None:
    """Ana's translations of some items come back, and the variant is built anew."""
    from team import number_of

    def fill(cells: dict[str, str]) -> dict[str, str] | None:
        return translated(cells, who) if number_of(cells) in numbers else None

    name = f"ana-{'-'.join(map(str, numbers))}{who.strip()}.jsonl"
    team.collect(team.fill(team.issue()[0], name, fill))
    pipeline.redo(team.project, "build")


class Publisher:
    """A copy of a team's project, and somebody who runs `derive publish` on it."""

    def __init__(
        self, hub: HubServer, made: Team, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from huggingface_hub import constants

        shutil.copytree(made.folder, folder / "team")
        self.team = copy.copy(made)
        self.team.folder = folder / "team"
        self.team.project = open_project(folder / "team" / "brazil")
        self.hub = hub
        self.waits: list[float] = []
        self.folder = folder
        template = "{endpoint}/{repo_id}/resolve/{revision}/{filename}"
        for name, value in (
            ("ENDPOINT", hub.url),
            ("HUGGINGFACE_CO_URL_TEMPLATE", template.replace("{endpoint}", hub.url)),
            ("HF_HUB_CACHE", str(folder / "cache")),
            ("HF_HUB_DISABLE_XET", True),
            ("HF_HUB_OFFLINE", False),
            ("HF_TOKEN_PATH", str(folder / "no-login")),
        ):
            monkeypatch.setattr(constants, name, value)
        monkeypatch.setattr(time, "sleep", self.waits.append)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        hub.add_user(TOKEN, "ana", "acme")

    @property
    def path(self) -> Path:
        """The project folder."""
        return self.team.project.path

    def publish(self, *arguments: object, repo: str = REPO, path: Path | None = None) -> Result:
        """`derive publish`; what it printed never holds the token."""
        words = ["publish", path or self.path, "--repo", repo, *arguments]
        done = CliRunner().invoke(cli, [str(one) for one in words])
        shown = "".join(traceback.format_exception(done.exception)) if done.exception else ""
        assert "--debug" in arguments or not done.exception or "SystemExit" in shown, shown
        assert TOKEN not in done.stdout + done.stderr + shown
        return done

    def publishes(self, *arguments: object, **how: Any) -> Result:
        """`derive publish --yes`, which works."""
        done = self.publish("--yes", *arguments, **how)
        assert done.exit_code == 0, done.stderr
        return done

    def refused(self, *arguments: object, **how: Any) -> str:
        """What `derive publish --yes` says that does not work: one message, no traceback."""
        done = self.publish("--yes", *arguments, **how)
        assert done.exit_code == 2, done.stdout
        assert done.stderr.count("error:") == 1
        assert "what to do:" in done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    @property
    def repository(self) -> Repository:
        """What is on the Hub."""
        return self.hub.repositories[REPO]

    def files(self) -> Files:
        """The files there, without those that the Hub made itself."""
        there = self.repository.files
        return {name: data for name, data in there.items() if name != ".gitattributes"}
