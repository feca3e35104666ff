"""Engines: the only place that imports DuckDB (and later Spark) and that opens connections.

Steps build Ibis expressions over the tables an engine holds; the engine runs them.
"""

from etanche.engines.duck import VALUES, CountMismatchError, DelimitedPart, Engine, EngineError

__all__ = ["VALUES", "CountMismatchError", "DelimitedPart", "Engine", "EngineError"]
