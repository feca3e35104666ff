"""The reference page of census.json, written from its schema.

    python -m etanche.report.reference docs/reference/census.md

A test holds the page to the schema, so the page cannot say anything else.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etanche.report.document import CONTRACT, schema

_HEAD = """# The census

`etanche triage` writes `census.json` into the case folder, and prints the same with `--json`. This page is generated
from its schema, `src/etanche/report/census.schema.json` (JSON Schema, draft 2020-12, `{id}`).

{description}

Other tools may rely on these keys: {contract}. The rest may grow within version {version}.

The same document has a shareable form (`"form": "shareable"`). It hides every count of 1 to 4, and as many others as it
takes so that no subtraction gives one back; values of the file that few rows hold (a title, a laboratory) stand
together under `other`; of the dates it keeps the year of samples and visits alone; it does not say who gave the file.

## Keys

| key | type | |
| --- | --- | --- |
"""


def reference_page() -> str:
    """Return the page, in Markdown."""
    root = schema()
    head = _HEAD.format(
        id=root["$id"],
        description=root["description"],
        contract=", ".join(f"`{name}`" for name in CONTRACT),
        version=root["properties"]["schema"]["properties"]["version"]["const"],
    )
    lines = [head.rstrip("\n"), *_rows(root["properties"], "")]
    for name, definition in root["$defs"].items():
        lines += ["", f"## {name}", "", definition["description"]]
        if "enum" in definition:
            lines += ["", ", ".join(f"`{value}`" for value in definition["enum"]) + "."]
        if "properties" in definition:
            lines += ["", "| key | type | |", "| --- | --- | --- |", *_rows(definition["properties"], "")]
    return "\n".join(lines) + "\n"


def _rows(properties: dict[str, Any], way: str) -> Iterator[str]:
    for name, node in properties.items():
        description = node.get("description", "").replace("|", "\\|")
        yield f"| `{way}{name}` | {_type(node)} | {description} |"
        for step, inner in (("", node), ("[]", node.get("items")), (".*", node.get("additionalProperties"))):
            if isinstance(inner, dict) and "properties" in inner:
                yield from _rows(inner["properties"], f"{way}{name}{step}.")


def _type(node: dict[str, Any]) -> str:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name})"
    if "const" in node:
        return f"`{node['const']}`"
    if "enum" in node:
        return " or ".join(f"`{value}`" for value in node["enum"])
    if "items" in node:
        return f"list of {_type(node['items'])}"
    if isinstance(node.get("additionalProperties"), dict):
        return f"map to {_type(node['additionalProperties'])}"
    kind = node["type"]
    return kind if isinstance(kind, str) else " or ".join(kind)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference_page(), encoding="utf-8")
