"""Options that several commands share.

Typer is told not to look at files itself (`readable=False`): the story does, and says what is wrong by the contract.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Case = Annotated[Path, typer.Option("--case", metavar="DIR", readable=False, help="Case folder.")]
KeyFile = Annotated[
    Path | None, typer.Option(metavar="FILE", readable=False, help="Key of the case, when étanche does not keep it.")
]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
