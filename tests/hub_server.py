"""A server on this machine that speaks the Hub's protocol well enough for its real clients.

    with HubServer() as hub:
        sha = hub.add_dataset("acme/sample", {"README.md": b"...", "v2.2/dev.parquet": b"..."})
        hub.add_user(TOKEN, "ana")
        hub.fail("POST", "/commit/", 500, times=2)

Revisions, file lists, downloads, of datasets and of models; and for who has an account, what
publishing needs: hub_writing.py.
Gated, private and unknown repositories are refused as the Hub refuses them. `huggingface_hub` and
`datasets` reach it through HF_ENDPOINT.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Files = dict[str, bytes]
CUT = "cut"  # the connection ends half-way: through the request's body, or the answer's
_API = "/api/(?:datasets|models)"  # what is where is one for both: tests name them apart
LOST = "lost"  # the request is done, and its answer never arrives


@dataclass
class Repository:
    """Its commits by hash, the branch's newest, tags, and who may read it."""

    commits: dict[str, Files] = field(default_factory=dict)
    head: str = ""
    readers: set[str] = field(default_factory=set)  # tokens that have been granted access
    private: bool = False
    gated: str | bool = False
    tags: dict[str, str] = field(default_factory=dict)

    def commit(self, files: Files) -> str:
        """A new head of these files; returns its hash."""
        content = json.dumps({name: git_oid(data) for name, data in sorted(files.items())})
        self.head = hashlib.sha1((self.head + content).encode()).hexdigest()
        self.commits[self.head] = files
        return self.head

    @property
    def files(self) -> Files:
        """The files of the newest commit."""
        return self.commits[self.head]


@dataclass
class Fault:
    """What goes wrong with the next `times` requests of a method whose path holds a text."""

    method: str
    part: str
    what: int | str | Callable[[], None]
    times: int
    headers: dict[str, str]
    message: str


@dataclass(frozen=True)
class User:
    """Whose account a token is of; role: of the token, write or read."""

    name: str
    organisations: tuple[str, ...] = ()
    role: str = "write"


class HubServer:
    """A context manager; `url` is its address, `requests` what it was asked."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
        self.users: dict[str, User] = {}
        self.revoked: set[str] = set()
        self.large: dict[str, bytes] = {}  # what was uploaded through LFS, by SHA-256
        self.arrived: dict[str, bytes] = {}  # the same, until it is verified
        self.large_suffixes: tuple[str, ...] = (".parquet",)
        self.faults: list[Fault] = []
        self.requests: list[tuple[str, str, bool]] = []
        hub = self

        class Handler(_Handler):
            server_hub = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> HubServer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add_dataset(self, repo: str, files: Files, *, token: str | None = None) -> str:
        """Commit files to a repository's main branch; returns the commit's hash.

        token: the one that may read it; any other reader is told that it is gated.
        """
        repository = self.repositories.setdefault(repo, Repository())
        repository.readers = {token} if token else set()
        repository.gated = "manual" if token else False
        return repository.commit(files)

    def add_user(self, token: str, name: str, *organisations: str, role: str = "write") -> None:
        """An account, and a token of it."""
        self.users[token] = User(name, organisations, role)

    def fail(
        self,
        method: str,
        part: str,
        what: int | str | Callable[[], None],
        *,
        times: int = 1,
        headers: dict[str, str] | None = None,
        message: str = "made to fail",
    ) -> None:
        """Make the next requests go wrong whose path holds `part`.

        what: a status to answer with; CUT; LOST; or something to do before the request is done.
        """
        self.faults.append(Fault(method, part, what, times, headers or {}, message))

    def asked(self, method: str, part: str) -> int:
        """How many requests of the method held `part` in their path."""
        return sum(one == method and part in path for one, path, _ in self.requests)

    def environment(self, cache: Path) -> dict[str, str]:
        """Variables that point a subprocess's clients here, with a cache of their own."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(cache),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }

    def entry(self, path: str, data: bytes) -> dict[str, Any]:
        """A file as the Hub lists it."""
        listed: dict[str, Any] = {"type": "file", "path": path, "size": len(data)}
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 in self.large:
            pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\n"
            pointer += f"size {len(data)}\n"
            lfs = {"oid": sha256, "size": len(data), "pointerSize": len(pointer)}
            return {**listed, "oid": git_oid(pointer.encode()), "lfs": lfs}
        return {**listed, "oid": git_oid(data)}


def git_oid(data: bytes) -> str:
    """The hash that git gives a file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def call(
    hub: HubServer | dict[str, str], folder: Path, *arguments: object
) -> subprocess.CompletedProcess[str]:
    """`derive` in a process of its own, as the clients read their settings once; of the checkout
    that is tested. hub: or the settings, where they are others than the server's."""
    settings = hub if isinstance(hub, dict) else hub.environment(folder / "cache")
    here = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run(
        [sys.executable, "-m", "derive", *map(str, arguments)],
        cwd=folder,
        env={**here, "HOME": str(folder), "PYTHONUTF8": "1", **settings},
        capture_output=True,
        text=True,
        check=False,
    )


class RefusedError(Exception):
    """An answer that is an error: its status, the Hub's code for it, and its words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message


class _Handler(BaseHTTPRequestHandler):
    server_hub: HubServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits 40 ms for the client's acknowledgement

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_PUT = do_GET  # noqa: N815

    def _answer(self) -> None:
        authorization = self.headers.get("Authorization", "")
        self.server_hub.requests.append((self.command, self.path, bool(authorization)))
        length = int(self.headers.get("Content-Length") or 0)
        fault = self._fault()
        self._cut = fault is not None and fault.what == CUT
        self._lost = fault is not None and fault.what == LOST
        if self._cut and length:
            self.rfile.read(length // 2)
            return self._hang_up()
        body = self.rfile.read(length)
        if fault and isinstance(fault.what, int):
            headers = {"X-Error-Message": fault.message, **fault.headers}
            return self._send(fault.what, json.dumps({"error": fault.message}).encode(), headers)
        if fault and callable(fault.what):
            fault.what()
        url = urlsplit(self.path)
        try:
            self._route(unquote(url.path), parse_qs(url.query), body, authorization)
        except RefusedError as refused:
            headers = {"X-Error-Code": refused.code, "X-Error-Message": refused.message}
            self._send(refused.status, json.dumps({"error": refused.message}).encode(), headers)

    def _fault(self) -> Fault | None:
        for one in self.server_hub.faults:
            if one.times and one.method == self.command and one.part in unquote(self.path):
                one.times -= 1
                return one
        return None

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _route(self, path: str, query: dict[str, Any], body: bytes, authorization: str) -> None:
        import hub_writing

        if authorization.removeprefix("Bearer ") in self.server_hub.revoked:
            raise RefusedError(401, "", "Invalid credentials in Authorization header")
        written = hub_writing.answer(self.server_hub, self.command, path, body, authorization)
        if written is not None:
            return self._json(written)
        info = re.fullmatch(rf"{_API}/([^/]+/[^/]+)(?:/revision/(.+))?", path)
        if info:
            # what a gated repository is, everybody may know; what is in its files is refused
            name, sha, files = self._commit(info[1], info[2] or "main", authorization, False)
            siblings = [{"rfilename": one, "size": len(files[one])} for one in sorted(files)]
            repository = self.server_hub.repositories[name]
            told = {"id": name, "sha": sha, "siblings": siblings, "gated": repository.gated}
            told |= {"private": repository.private, "tags": [], "downloads": 0, "disabled": False}
            return self._json(told)
        tree = re.fullmatch(rf"{_API}/([^/]+/[^/]+)/(tree|paths-info)/([^/]+)/?(.*)", path)
        if tree:
            _, _, files = self._commit(tree[1], tree[3], authorization)
            if tree[2] == "paths-info":
                wanted = (
                    json.loads(body)["paths"]
                    if body[:1] == b"{"
                    else parse_qs(body.decode())["paths"]
                )
                return self._json(self._entries(files, [one for one in wanted if one]))
            recursive = query.get("recursive", ["false"])[0].lower() == "true"
            entries = self._entries(files, _listing(files, tree[4], recursive))
            if not entries:
                raise RefusedError(404, "EntryNotFound", f"{tree[4]} does not exist")
            return self._json(entries)
        resolve = re.fullmatch(r"(?:/datasets)?/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if resolve:
            _, sha, files = self._commit(resolve[1], resolve[2], authorization)
            if resolve[3] not in files:
                raise RefusedError(404, "EntryNotFound", "Entry not found")
            data = files[resolve[3]]
            headers = {"ETag": f'"{git_oid(data)}"', "X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
            part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            if part:
                begin, end = int(part[1]), int(part[2] or len(data) - 1)
                headers["Content-Range"] = f"bytes {begin}-{end}/{len(data)}"
                data = data[begin : end + 1]
            return self._send(206 if part else 200, data, headers, "application/octet-stream")
        raise RefusedError(404, "RepoNotFound", "Repository not found")

    def _commit(
        self, name: str, revision: str, authorization: str, inside: bool = True
    ) -> tuple[str, str, Files]:
        """The repository's name, a commit and its files. inside: are its files asked for?"""
        repository = self.server_hub.repositories.get(name)
        token = authorization.removeprefix("Bearer ")
        user = self.server_hub.users.get(token)
        owner = user and name.split("/")[0] in (user.name, *user.organisations)
        if repository is None or (repository.private and not owner):
            raise RefusedError(
                401 if not authorization else 404, "RepoNotFound", "Repository not found"
            )
        if inside and repository.gated and not owner and token not in repository.readers:
            message = f"Access to dataset {name} is restricted. You must be authenticated."
            raise RefusedError(403 if authorization else 401, "GatedRepo", message)
        sha = repository.head if revision in ("main", "refs/heads/main") else revision
        sha = repository.tags.get(sha, sha)
        if sha not in repository.commits:
            raise RefusedError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return name, sha, repository.commits[sha]

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {})

    def _send(
        self, status: int, data: bytes, headers: dict[str, str], kind: str = "application/json"
    ) -> None:
        if self._lost:
            self._hang_up()
            return
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Type": kind,
            "Content-Length": str(len(data)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if self._cut else data)
        if self._cut:
            self._hang_up()

    def _entries(self, files: Files, paths: list[str]) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = []
        for path in paths:
            if path in files:
                entries.append(self.server_hub.entry(path, files[path]))
            elif any(name.startswith(f"{path}/") for name in files):
                entries.append(
                    {"type": "directory", "path": path, "oid": git_oid(path.encode()), "size": 0}
                )
        return entries


def _listing(files: Files, folder: str, recursive: bool) -> list[str]:
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    inside = [name for name in files if name.startswith(prefix)]
    folders = {
        "/".join(name.split("/")[:depth])
        for name in inside
        for depth in range(prefix.count("/") + 1, name.count("/") + 1)
    }
    paths = sorted({*inside, *folders})
    if not recursive:
        paths = [path for path in paths if "/" not in path[len(prefix) :]]
    return paths
