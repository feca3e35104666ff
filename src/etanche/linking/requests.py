"""What `etanche link` is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from etanche.casefile import KeyOptions
from etanche.errors import ExitCode
from etanche.link import Model
from etanche.model import Reason


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """What `etanche link` was asked."""

    case: Path
    registry: Path
    own: bool = False
    mandate: Path | None = None
    name: str | None = None
    again: bool = False
    """Whether a list that was reviewed may be made anew, what was judged of it being lost."""
    to: Path | None = None
    model: Model | None = None
    """Whose weights are used; the shipped model's without one."""
    train: Path | None = None
    """Where the model that the case teaches is written, and its chart beside it."""
    corrections: bytes | None = None
    table: str | None = None
    passwords: Path | None = None
    keys: KeyOptions = field(default_factory=KeyOptions)
    progress: Callable[[str, int, int], None] = lambda _stage, _done, _total: None
    notice: Callable[[Reason], None] = lambda _reason: None


@dataclass(frozen=True, slots=True)
class Linked:
    """What came out."""

    document: dict[str, Any]
    exit_code: ExitCode
