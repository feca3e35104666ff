"""What the response reads and writes: the controllers file, results of the case, the parts of each controller."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche.casefile import CaseFolder, write_whole
from etanche.errors import ExitCode, UserError

RESULT = "respond.json"
FORMAT = "etanche-respond/1"


def read_controllers(path: Path) -> bytes:
    """Return the controllers file; `UserError` (3) for one that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("controllers_unreadable", ExitCode.UNREADABLE, path=str(path), problem=problem) from None


def result_of(case: CaseFolder, name: str) -> dict[str, Any]:
    """Return a result of the case, empty where there is none; `UserError` (refused) for one that was changed."""
    written = case.summary.results.get(name)
    if written is None:
        return {}
    try:
        data = (case.path / name).read_bytes()
    except OSError:
        data = b""
    if sha256(data).hexdigest() != written.sha256:
        raise UserError("respond_changed", ExitCode.REFUSED, path=str(case.path / name))
    document: dict[str, Any] = json.loads(data)
    return document


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Return a document as a JSON file."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def publish(case: CaseFolder, parts: Mapping[str, bytes], to: Path | None) -> None:
    """Write every part: into the case, or to a folder, each file whole or not at all."""
    for name, content in parts.items():
        if to is None:
            case.write_result(f"respond/{name}", content)
        else:
            written(to / name, content)


def written(path: Path, data: bytes) -> None:
    """Write a file whole, its folder made; `UserError` (1) where it cannot be."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, data)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("respond_cannot_write", ExitCode.FAILED, path=str(path), problem=problem) from error
