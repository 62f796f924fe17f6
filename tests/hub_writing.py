"""What the Hub lets the owner of a dataset do: the writing half of hub_server.py.

Who one is, create, settings, tags, commits, and Git LFS: the batch, the upload, the check after it
(https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md). The paths and bodies are what
huggingface_hub 2.4 sends; the answers are what it reads.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any

from hub_server import HubServer, RefusedError, Repository

_REPO = r"/api/datasets/([^/]+/[^/]+)"


def answer(hub: HubServer, method: str, path: str, body: bytes, authorization: str) -> Any:
    """The JSON that a request is answered with; None if it is not one of writing."""
    token = authorization.removeprefix("Bearer ")
    if method == "GET" and path == "/api/whoami-v2":
        return _whoami(hub, token)
    if method == "POST" and path == "/api/validate-yaml":
        bad = "license: \n" in json.loads(body)["content"]
        if bad:
            raise RefusedError(400, "", '"license" must be a string')
        return {"errors": [], "warnings": []}
    if method == "POST" and path == "/api/repos/create":
        return _create(hub, json.loads(body), token)
    if method == "PUT" and (upload := re.fullmatch(r"/lfs-storage/([0-9a-f]{64})", path)):
        if hashlib.sha256(body).hexdigest() != upload[1]:
            raise RefusedError(400, "", "The content does not have the hash that was announced")
        hub.arrived[upload[1]] = body
        return {}
    if method == "GET" and (refs := re.fullmatch(_REPO + "/refs", path)):
        repository = _visible(hub, refs[1], token)
        tags = [
            {"name": name, "ref": f"refs/tags/{name}", "targetCommit": commit}
            for name, commit in repository.tags.items()
        ]
        main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repository.head}
        return {"branches": [main], "converts": [], "tags": tags}
    lfs = re.fullmatch(r"/datasets/([^/]+/[^/]+)\.git/info/lfs/(objects/batch|verify)", path)
    if lfs:
        _own(hub, lfs[1], token)
        return (_batch if lfs[2] != "verify" else _verify)(hub, lfs[1], json.loads(body))
    change = re.fullmatch(_REPO + r"/(settings|preupload|commit|tag)(?:/([^/]+))?", path)
    if change and method in ("POST", "PUT"):
        repository = _own(hub, change[1], token)
        return _CHANGES[change[2]](hub, repository, change[1], change[3], body)
    return None


def _whoami(hub: HubServer, token: str) -> dict[str, Any]:
    user = hub.users.get(token)
    if user is None:
        raise RefusedError(401, "", "Invalid credentials in Authorization header")
    return {
        "type": "user",
        "name": user.name,
        "orgs": [{"type": "org", "name": one} for one in user.organisations],
        "auth": {
            "type": "access_token",
            "accessToken": {"displayName": "derive", "role": user.role},
        },
    }


def _visible(hub: HubServer, name: str, token: str) -> Repository:
    repository = hub.repositories.get(name)
    if repository is None or (repository.private and not _writes(hub, name, token)):
        raise RefusedError(404 if token else 401, "RepoNotFound", "Repository not found")
    return repository


def _writes(hub: HubServer, name: str, token: str) -> bool:
    user = hub.users.get(token)
    return user is not None and name.split("/")[0] in (user.name, *user.organisations)


def _own(hub: HubServer, name: str, token: str) -> Repository:
    repository = _visible(hub, name, token)
    if not _writes(hub, name, token) or hub.users[token].role == "read":
        raise RefusedError(403, "", "Forbidden: you must use a write token to this repository")
    return repository


def _create(hub: HubServer, asked: dict[str, Any], token: str) -> dict[str, Any]:
    if token not in hub.users:
        raise RefusedError(401, "", "Invalid username or password.")
    name = f"{asked['organization'] or hub.users[token].name}/{asked['name']}"
    if not _writes(hub, name, token):
        message = f"You don't have the rights to create a dataset under the namespace {name}"
        raise RefusedError(403, "", message)
    if name in hub.repositories:
        raise RefusedError(409, "", "You already created this dataset repo")
    repository = hub.repositories[name] = Repository(private=_private(asked))
    repository.commit({".gitattributes": b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"})
    return {"url": f"{hub.url}/datasets/{name}", "name": name, "id": name}


def _private(asked: dict[str, Any]) -> bool:
    """As huggingface_hub 2 says it, or 1.0."""
    return bool(asked.get("visibility", "") == "private" or asked.get("private"))


def _batch(hub: HubServer, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    objects: list[dict[str, Any]] = []
    for one in asked["objects"]:
        oid = one["oid"]
        href = {
            "upload": {"href": f"{hub.url}/lfs-storage/{oid}"},
            "verify": {"href": f"{hub.url}/datasets/{name}.git/info/lfs/verify"},
        }
        objects.append({**one, **({} if oid in hub.large else {"actions": href})})
    return {"transfer": "basic", "objects": objects}


def _verify(hub: HubServer, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    if len(hub.arrived.get(asked["oid"], b"")) != asked["size"]:
        raise RefusedError(404, "", "The object is not there, or not whole")
    hub.large[asked["oid"]] = hub.arrived[asked["oid"]]
    return {}


def _settings(
    hub: HubServer, repository: Repository, name: str, revision: str, body: bytes
) -> dict[str, Any]:
    asked = json.loads(body)
    repository.gated = asked.get("gated", repository.gated)
    if asked.keys() & {"visibility", "private"}:
        repository.private = _private(asked)
    return asked


def _preupload(
    hub: HubServer, repository: Repository, name: str, revision: str, body: bytes
) -> dict[str, Any]:
    ignored = repository.files.get(".gitignore", b"").decode().split()
    told = []
    for file in json.loads(body)["files"]:
        large = file["path"].endswith(hub.large_suffixes) if hub.large_suffixes else False
        there = repository.files.get(file["path"])
        listed = hub.entry(file["path"], there) if there is not None else {}
        oid = listed.get("lfs", listed).get("oid")
        told.append(
            {
                "path": file["path"],
                "uploadMode": "lfs" if large else "regular",
                "shouldIgnore": file["path"] in ignored,
                "oid": oid,
            }
        )
    return {"files": told}


def _commit(
    hub: HubServer, repository: Repository, name: str, revision: str, body: bytes
) -> dict[str, Any]:
    files = dict(repository.files)
    for line in body.splitlines():
        told = json.loads(line)
        value = told["value"]
        if told["key"] == "header":
            if value.get("parentCommit", repository.head) != repository.head:
                message = "A commit has happened since. Please refresh and try again."
                raise RefusedError(412, "", message)
        elif told["key"] == "file":
            files[value["path"]] = base64.b64decode(value["content"])
        elif told["key"] == "lfsFile":
            if value["oid"] not in hub.large:
                raise RefusedError(400, "", "LFS pointer pointed to a file that does not exist")
            files[value["path"]] = hub.large[value["oid"]]
        elif told["key"] == "deletedFile":
            if value["path"] not in files:
                raise RefusedError(404, "EntryNotFound", "A file with this name doesn't exist")
            del files[value["path"]]
        else:
            raise RefusedError(400, "", f"unknown operation {told['key']}")
    oid = repository.commit(files)
    return {"success": True, "commitOid": oid, "commitUrl": f"{hub.url}/{name}/commit/{oid}"}


def _tag(
    hub: HubServer, repository: Repository, name: str, revision: str, body: bytes
) -> dict[str, Any]:
    tag = json.loads(body)["tag"]
    if tag in repository.tags:
        raise RefusedError(409, "", "Tag reference exists already")
    commit = repository.head if revision == "main" else revision
    if commit not in repository.commits:
        raise RefusedError(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    repository.tags[tag] = commit
    return {}


_CHANGES = {"settings": _settings, "preupload": _preupload, "commit": _commit, "tag": _tag}
