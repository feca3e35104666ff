"""Identifiers: what a cell must look like to be one, and whether its key is right.

Rules, in the order in which they apply:

1. One file, one identifier.  A module of this package that has `KINDS` is an identifier; nothing lists them.
2. `fits` is shape, `valid` is shape and key; an identifier without a key has both alike.
3. The Python functions are the truth; `valid_expr` and `normal_expr` say the same in the engine.

>>> from etanche.identifiers import nir
>>> nir.valid("1 80 05 56 123 456 55"), nir.fits("1 80 05 56 123 456 56")
(True, True)
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.model import Kind


class Identifier(Protocol):
    """What a module of this package offers."""

    KINDS: tuple[Kind, ...]

    def fits(self, text: str, /) -> bool:
        """Tell whether the text has the shape."""

    def valid(self, text: str, /) -> bool:
        """Tell whether the text has the shape and the right key."""

    def normalise(self, text: str, /) -> str:
        """Return the text as it is compared: two spellings of one value become equal."""

    def mask(self, text: str, /) -> str:
        """Return the text with its content hidden and its layout kept."""

    def valid_expr(self, cell: ir.StringValue, /) -> ir.BooleanValue:
        """Return `valid` as an expression."""

    def normal_expr(self, cell: ir.StringValue, /) -> ir.StringValue:
        """Return `normalise` as an expression."""


@cache
def identifiers() -> dict[Kind, Identifier]:
    """Return every identifier by kind."""
    found: dict[Kind, Identifier] = {}
    for entry in pkgutil.iter_modules(__path__):
        module = import_module(f"{__name__}.{entry.name}")
        for kind in getattr(module, "KINDS", ()):
            found[kind] = cast("Identifier", module)
    return found


def find(kind: Kind) -> Identifier | None:
    """Return the identifier of a kind, None where the kind has no check of its own."""
    return identifiers().get(kind)
