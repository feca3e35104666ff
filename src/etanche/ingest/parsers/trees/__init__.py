"""Records that are trees (JSON, XML, FHIR) made tables.

1. A format gives `Batch`es of records (`batches`): text leaves, dicts, lists, with their place in the entry.
2. `survey` sees all of them once: every key at every depth, how long lists get, which shapes there are.
3. `layout` decides which node is a column, which a group of numbered columns, which a table of its own.
4. `fill` writes the rows of one table; `table` reads the entry again for each table.

    >>> from etanche.ingest.parsers.trees.survey import Survey
    >>> Survey().take(Batch(values=[{"patient": {"nom": "Dupont"}}]))
"""

from etanche.ingest.parsers.trees.batches import Batch

__all__ = ["Batch"]
