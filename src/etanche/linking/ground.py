"""On what ground a registry is loaded, and what the list made from it is called.

Rules, in the order in which they apply:

1. Either whoever runs the command is the registry's controller, or a mandate names the controller, the scope, the day
   until which it holds and who signed.  Anything else is refused, before a byte of the registry is read.
2. A list is called as asked, or as the registry's file; its own files have plain names.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import date
from hashlib import sha256

from etanche.errors import ExitCode, UserError
from etanche.linking.requests import LinkRequest

_NAME = re.compile(r"[A-Za-z0-9À-ÿ][A-Za-z0-9À-ÿ '._-]{0,60}")


def ground_of(request: LinkRequest, today: date) -> dict[str, str]:
    """Return on what ground the registry is loaded; `UserError` (refused) where there is none that holds."""
    if request.own == (request.mandate is not None):
        raise UserError("link_no_ground", ExitCode.REFUSED)
    if request.mandate is None:
        return {"ground": "own"}
    shown = str(request.mandate)
    try:
        data = request.mandate.read_bytes()
        said = tomllib.loads(data.decode("utf-8"))
        until = date.fromisoformat(str(said["until"]))
        given = {key: str(said[key]).strip() for key in ("controller", "scope", "signed_by")}
    except (OSError, UnicodeDecodeError, ValueError, KeyError) as error:
        raise UserError("link_mandate", ExitCode.REFUSED, path=shown) from error
    if not all(given.values()):
        raise UserError("link_mandate", ExitCode.REFUSED, path=shown)
    if until < today:
        raise UserError("link_mandate_over", ExitCode.REFUSED, path=shown, day=until.isoformat())
    return {"ground": "mandate", **given, "until": until.isoformat(), "mandate_sha256": sha256(data).hexdigest()}


def list_name(request: LinkRequest) -> str:
    """Return what the list is called; `UserError` (usage) for what cannot be a name."""
    name = request.name or request.registry.name.partition(".")[0]
    if not _NAME.fullmatch(name):
        raise UserError("link_name", ExitCode.USAGE, name=name)
    return name


def file_name(name: str) -> str:
    """Return what a list's files are called: its name where that is plain, else its letters and a few of its hash."""
    if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9_-]|[.](?![.])){0,59}", name) and name[-1].isalnum():
        return name
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    joined = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")
    return f"{joined}-{sha256(name.encode()).hexdigest()[:8]}"
