"""How the letter to one person of a registry stands: what those who write lists for printers need to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field

RELEASED = "released"
"""Why a letter is held back that is neither due nor in a pile: it was released before."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A letter of the ledger; nobody's health but the families that it names."""

    reference: str
    """What stands on it: `LAB01-000123`."""
    held: str
    """"" where it is to go out; else the pile that holds it back (`recipients.Pile`), or `RELEASED`."""
    lines: tuple[str, ...] = field(repr=False)
    """What the window of its envelope shows."""
    postcode: str = field(repr=False)
    country: str = field(repr=False)
    email: str = field(repr=False)
    families: tuple[str, ...]
