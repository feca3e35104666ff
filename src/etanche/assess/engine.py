"""What the assessment asks of an engine: to run an expression, to keep one, to take a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


class Runner(Protocol):
    """An engine, as seen from a step: it runs what the step builds."""

    def fetch(self, expression: ir.Table, /) -> pa.Table:
        """Run an expression and return its rows."""

    def keep(self, name: str, expression: ir.Table, /) -> ir.Table:
        """Run an expression once and keep its result."""

    def put(self, name: str, data: pa.Table, /) -> ir.Table:
        """Keep rows that come from outside."""
