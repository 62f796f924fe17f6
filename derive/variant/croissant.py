"""croissant.json: the variant for programs, in the format of https://mlcommons.org/croissant (1.1).

Derivation is told in PROV-O and schema.org's isBasedOn, terms in license and usageInfo, as the
specification asks: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from derive.files import hash_file
from derive.variant.about import About
from derive.variant.build import Variant
from derive.variant.card import bibtex, warning
from derive.variant.columns import described

_CROISSANT = """
annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field fileObject
fileProperty fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path
readLines recordSet references regex repeated replace samplingRate sdVersion separator source
subField transform unArchive value
"""
# appendix 1 of the specification, and the vocabularies used beside it
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    **{name: f"cr:{name}" for name in _CROISSANT.split()},
}


def croissant(variant: Variant, about: About, files: Mapping[str, Path]) -> str:
    """The JSON text. files: the Parquet file of each split as it stands on disk; a record set each.

    It names no day but the one that derive.toml gives, so that the same variant has the same bytes.
    """
    terms = about.profile.terms
    licence = {"@type": "sc:CreativeWork", "name": terms["licence"], "url": terms["licence_link"]}
    models = [f"{one['name']} {one['version']} ({one['licence']})" for one in about.models]
    document = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": [
            "http://mlcommons.org/croissant/1.1",
            "http://mlcommons.org/croissant/RAI/1.0",
        ],
        "name": about.name,
        "alternateName": about.title,
        "description": f"{about.title}: {variant.items.height} prompts,"
        f" {variant.items['response'].count()} of them with a reference response."
        f" {warning(variant)} It holds risky questions, some of them hurtful to read.",
        "url": about.url,
        "datePublished": about.said.get("date"),
        "creator": [
            {"@type": "sc:Organization", "name": name} for name in about.said.get("creators", ())
        ],
        "inLanguage": about.locale,
        "keywords": ["safety", "llm-safety", "localization"],
        "license": _known(licence),
        "usageInfo": _known(
            {
                "@type": "sc:CreativeWork",
                "name": f"Terms of {about.source}",
                "description": terms["purpose"],
                "url": terms["licence_link"],
            }
        ),
        "citeAs": bibtex(about),
        "citation": about.profile.citation,
        "creditText": terms["attribution"],
        "isBasedOn": _source(about),
        "prov:wasDerivedFrom": {"@id": about.source_url} if about.source_url else None,
        "prov:wasGeneratedBy": [
            {"@type": "prov:Activity", "prov:label": stage, "description": _told(counts)}
            for stage, counts in about.stages.items()
        ],
        "rai:dataUseCases": terms["purpose"],
        "rai:machineAnnotationTools": models,
        "rai:dataLimitations": warning(variant),
        "distribution": [_file(path) for path in files.values()],
        "recordSet": [_record_set(split, variant.items, path) for split, path in files.items()],
    }
    return json.dumps(_known(document), ensure_ascii=False, indent=2) + "\n"


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    """Without what nobody has said."""
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {count}" for name, count in counts.items())


def _source(about: About) -> dict[str, Any]:
    """The release as a schema.org Dataset."""
    return _known(
        {
            "@type": "sc:Dataset",
            "name": about.source,
            "url": about.source_url,
            "version": about.config,
            "identifier": about.revision,
            "sha256": about.content_hash,
        }
    )


def _file(path: Path) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"data/{path.name}",
        "name": f"data/{path.name}",
        "contentUrl": f"data/{path.name}",
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": hash_file(path),
    }


def _record_set(split: str, items: pl.DataFrame, path: Path) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": split,
        "name": split,
        "description": f"The items of the split {split}.",
        "key": {"@id": f"{split}/id"},
        "field": [
            _field(f"{split}/{column}", column, dtype, path)
            for column, dtype in items.schema.items()
        ],
    }


def _field(identity: str, column: str, dtype: pl.DataType, path: Path) -> dict[str, Any]:
    """A column; a struct's parts are fields of their own inside it."""
    field = {"@type": "cr:Field", "@id": identity, "name": column, "description": described(column)}
    source = {"fileObject": {"@id": f"data/{path.name}"}, "extract": {"column": column}}
    several: dict[str, Any] = {}
    if isinstance(dtype, pl.List):
        several = {"isArray": True, "arrayShape": "-1"}
        dtype = dtype.inner  # type: ignore[assignment]
    if not isinstance(dtype, pl.Struct):
        return {**field, **several, "dataType": _data_type(dtype), "source": source}
    parts = [
        {
            "@type": "cr:Field",
            "@id": f"{identity}/{part.name}",
            "name": part.name,
            "description": described(column, part.name),
            "dataType": _data_type(part.dtype),
            "source": {**source, "transform": {"jsonPath": part.name}},
        }
        for part in dtype.fields
    ]
    return {**field, **several, "subField": parts}


def _data_type(dtype: Any) -> str:
    if dtype.is_integer():
        return "sc:Integer"
    if dtype.is_float():
        return "sc:Float"
    return "sc:Boolean" if dtype == pl.Boolean else "sc:Text"
