"""Options that several commands share.

Typer is told not to look at files itself (`readable=False`): the story does, and says what is wrong by the contract.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from etanche.errors import ExitCode, UserError

Case = Annotated[Path, typer.Option("--case", metavar="DIR", readable=False, help="Case folder.")]
KeyFile = Annotated[
    Path | None, typer.Option(metavar="FILE", readable=False, help="Key of the case, when étanche does not keep it.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]


def content(file: Path | None) -> bytes | None:
    """Return what a `--map` file holds; `UserError` (usage) where it cannot be read."""
    if file is None:
        return None
    try:
        return file.read_bytes()
    except OSError:
        raise UserError("map_unreadable", ExitCode.USAGE, path=str(file)) from None
