"""The documents of a variant as they go out: with the version and the repository, which no build
knows. The same documents give the same text, so that publishing twice is publishing once."""

from __future__ import annotations

import json

from derive.variant.changelog import release

NO_REPO = "NAMESPACE/NAME"  # stands in the card until somebody has named a repository


def released(name: str, text: str, version: str, repo: str) -> str:
    """A document's text for the version (`v1.0`) that goes to the Hub dataset `repo`.

    name: of the file; any other document than README.md, croissant.json and CHANGELOG.md is as it
    was. Raises DeriveError if CHANGELOG.md has damaged marks.
    """
    if name == "README.md":
        return text.replace(f'load_dataset("{NO_REPO}")', f'load_dataset("{repo}")')
    if name == "CHANGELOG.md":
        return release(text, version, name)
    if name == "croissant.json":
        numbers = [*version.removeprefix("v").split("."), "0", "0"][:3]  # semantic versions
        url = f"https://huggingface.co/datasets/{repo}"
        document = {**json.loads(text), "url": url, "version": ".".join(numbers)}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return text
