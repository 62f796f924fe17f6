"""The variant's files on a project folder, and what its documents take from the project."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from derive.files import hash_file, hash_json
from derive.project import Project
from derive.stage import read_profile, release_entry

if TYPE_CHECKING:
    from derive.variant.build import Variant
    from derive.variant.write import Written


def documents_request(project: Project) -> tuple[dict[str, str], dict[str, Any]]:
    """What the documents depend on besides the rows: inputs and settings."""
    used = {"told": hash_json(_told(project))}
    if project.published.is_file():
        used["published"] = hash_file(project.published)
    return used, {"said": project.config.get("variant", {})}


def _told(project: Project) -> dict[str, Any]:
    """What the ledger tells the documents: counts by stage, models; never a time."""
    entries = {one["stage"]: one for one in project.ledger.entries()}
    stages = [name for name in ("flag", "translate", "collect") if name in entries]
    model = entries.get("translate", {}).get("details", {}).get("model")
    return {
        "stages": {name: dict(entries[name]["counts"]) for name in ("release", *stages)},
        "models": [model] if model else [],
    }


def write_files(project: Project, variant: Variant) -> Written:
    """Write all that is in variant/, what people wrote into the documents kept."""
    from derive.variant.about import About
    from derive.variant.changelog import recall
    from derive.variant.write import Past, write_variant

    release = release_entry(project)["details"]
    about = About(
        project.name,
        project.locale,
        read_profile(project),
        release["dataset"],
        release["config"] or "",
        release["revision"] or "",
        release["content_hash"],
        said=project.config.get("variant", {}),
        allowed=project.config["policy"].get("variant", {}).get("allow_source_texts", ""),
        **_told(project),
    )
    last = project.ledger.last("build") or {"outputs": {}, "details": {}}
    past = Past(
        {Path(name).name: digest for name, digest in last["outputs"].items()},
        last["details"].get("card", ""),
        recall(project.published),
    )
    return write_variant(variant, project.variant, about, past)
