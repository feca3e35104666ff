"""What `etanche respond` is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from etanche.casefile import KeyOptions
from etanche.errors import ExitCode


class Basis(StrEnum):
    """What a case without a file stands on."""

    CLAIM = "claim"
    SCREENSHOT = "screenshot"
    LINES = "lines"
    RANSOMWARE = "ransomware"


@dataclass(frozen=True, slots=True)
class RespondRequest:
    """What `etanche respond` was asked."""

    case: Path
    controllers: Path
    to: Path | None = None
    new: bool = False
    basis: Basis = Basis.CLAIM
    persons: str = "unknown"
    """How many persons a case without a file concerns: a number, a range, or unknown."""
    switched_on: frozenset[str] = frozenset()
    """Packs of law that count only where somebody asked for them."""
    languages: tuple[str, ...] = ()
    """Languages of documents besides French, for those that are written in them."""
    keys: KeyOptions = field(default_factory=KeyOptions)
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None


@dataclass(frozen=True, slots=True)
class Responded:
    """What came out: `respond.json`, with the states of the present moment."""

    document: dict[str, Any]
    exit_code: ExitCode = ExitCode.DONE
