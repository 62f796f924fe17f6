"""A server on this machine that speaks the Hub's protocol well enough for its real clients.

    with HubServer() as hub:
        sha = hub.add_dataset("acme/sample", {"README.md": b"...", "v2.2/dev.parquet": b"..."})

Reading only: revisions, file lists, downloads; gated and unknown repositories are refused as the
Hub refuses them. `huggingface_hub` and `datasets` reach it through HF_ENDPOINT.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

Files = dict[str, bytes]


@dataclass
class Repository:
    """Its commits by hash, the branch's newest, and who may read it."""

    commits: dict[str, Files] = field(default_factory=dict)
    head: str = ""
    token: str | None = None  # None: open to all


class HubServer:
    """A context manager; `url` is its address, `requests` what it was asked."""

    def __init__(self) -> None:
        self.repositories: dict[str, Repository] = {}
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
        repository.token = token
        content = json.dumps({name: _oid(data) for name, data in sorted(files.items())})
        repository.head = hashlib.sha1((repository.head + content).encode()).hexdigest()
        repository.commits[repository.head] = files
        return repository.head

    def environment(self, cache: Path) -> dict[str, str]:
        """Variables that point a subprocess's clients here, with a cache of their own."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(cache),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }


def _oid(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


class _RefusedError(Exception):
    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message


class _Handler(BaseHTTPRequestHandler):
    server_hub: HubServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    do_HEAD = do_POST = do_GET  # noqa: N815

    def _answer(self) -> None:
        authorization = self.headers.get("Authorization", "")
        self.server_hub.requests.append((self.command, self.path, bool(authorization)))
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        url = urlsplit(self.path)
        try:
            self._route(unquote(url.path), parse_qs(url.query), body, authorization)
        except _RefusedError as refused:
            headers = {"X-Error-Code": refused.code, "X-Error-Message": refused.message}
            self._send(refused.status, json.dumps({"error": refused.message}).encode(), headers)

    def _route(self, path: str, query: dict[str, Any], body: bytes, authorization: str) -> None:
        info = re.fullmatch(r"/api/datasets/([^/]+/[^/]+)(?:/revision/(.+))?", path)
        if info:
            # what a gated repository is, everybody may know; what is in its files is refused
            token = self._token_of(info[1])
            reader = f"Bearer {token}" if token else authorization
            name, sha, files = self._commit(info[1], info[2] or "main", reader)
            siblings = [{"rfilename": one, "size": len(files[one])} for one in sorted(files)]
            gated = "manual" if self.server_hub.repositories[name].token else False
            told = {"id": name, "sha": sha, "siblings": siblings, "private": False, "gated": gated}
            return self._json({**told, "tags": [], "downloads": 0, "disabled": False})
        tree = re.fullmatch(r"/api/datasets/([^/]+/[^/]+)/(tree|paths-info)/([^/]+)/?(.*)", path)
        if tree:
            _, _, files = self._commit(tree[1], tree[3], authorization)
            if tree[2] == "paths-info":
                wanted = (
                    json.loads(body)["paths"]
                    if body[:1] == b"{"
                    else parse_qs(body.decode())["paths"]
                )
                return self._json(_entries(files, [one for one in wanted if one]))
            entries = _listing(
                files, tree[4], query.get("recursive", ["false"])[0].lower() == "true"
            )
            if not entries:
                raise _RefusedError(404, "EntryNotFound", f"{tree[4]} does not exist")
            return self._json(entries)
        resolve = re.fullmatch(r"/datasets/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path)
        if resolve:
            _, sha, files = self._commit(resolve[1], resolve[2], authorization)
            if resolve[3] not in files:
                raise _RefusedError(404, "EntryNotFound", "Entry not found")
            data = files[resolve[3]]
            headers = {"ETag": f'"{_oid(data)}"', "X-Repo-Commit": sha, "Accept-Ranges": "bytes"}
            return self._send(200, data, headers, "application/octet-stream")
        raise _RefusedError(404, "RepoNotFound", "Repository not found")

    def _token_of(self, name: str) -> str | None:
        repository = self.server_hub.repositories.get(name)
        return repository.token if repository else None

    def _commit(self, name: str, revision: str, authorization: str) -> tuple[str, str, Files]:
        repository = self.server_hub.repositories.get(name)
        if repository is None:
            raise _RefusedError(
                401 if not authorization else 404, "RepoNotFound", "Repository not found"
            )
        if repository.token and authorization != f"Bearer {repository.token}":
            message = f"Access to dataset {name} is restricted. You must be authenticated."
            raise _RefusedError(403 if authorization else 401, "GatedRepo", message)
        sha = repository.head if revision in ("main", "refs/heads/main") else revision
        if sha not in repository.commits:
            raise _RefusedError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return name, sha, repository.commits[sha]

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {})

    def _send(
        self, status: int, data: bytes, headers: dict[str, str], kind: str = "application/json"
    ) -> None:
        self.send_response(status)
        for name, value in {
            **headers,
            "Content-Type": kind,
            "Content-Length": str(len(data)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _entries(files: Files, paths: list[str]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = []
    for path in paths:
        if path in files:
            size = len(files[path])
            entries.append({"type": "file", "path": path, "size": size, "oid": _oid(files[path])})
        elif any(name.startswith(f"{path}/") for name in files):
            entries.append(
                {"type": "directory", "path": path, "oid": _oid(path.encode()), "size": 0}
            )
    return entries


def _listing(files: Files, folder: str, recursive: bool) -> list[dict[str, Any]]:
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
    return _entries(files, paths)
