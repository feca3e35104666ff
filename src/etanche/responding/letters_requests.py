"""What `etanche letters` is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etanche.casefile import KeyOptions
from etanche.errors import ExitCode


@dataclass(frozen=True, slots=True)
class LettersRequest:
    """What `etanche letters` was asked."""

    case: Path
    controllers: Path
    lists: Path | None = None
    """Who must not be written to as the registry says; kept, sealed, until another file takes its place."""
    to: Path | None = None
    only: frozenset[str] = frozenset()
    """Codes of the controllers that are meant; empty: all."""
    variant: str = "fr"
    """Template of whoever no list gives another."""
    email: bool = False
    """Those of whom the registry has an e-mail address are written to there."""
    unlinked: bool = False
    """Controllers without a linked registry write to leaked addresses."""
    keys: KeyOptions = field(default_factory=KeyOptions)
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None


@dataclass(frozen=True, slots=True)
class Lettered:
    """What came out: `letters.json`."""

    document: dict[str, Any]
    exit_code: ExitCode = ExitCode.DONE
    files: tuple[Path, ...] = ()
