"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Case = Annotated[Path, typer.Option("--case", metavar="DIR", help="Case folder.")]
KeyFile = Annotated[Path | None, typer.Option(metavar="FILE", help="Key of the case, when étanche does not keep it.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")]
