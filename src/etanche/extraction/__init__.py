"""Any files made clean tables: `etanche extract`.

The story, in order:

1. The folder is new or empty and lies outside of what is read (`folder`); a file given twice is read once.
2. Each table is read once and written as it comes (`rfc4180`, `parquet`), with what stands beside it (`sidecars`),
   under a name that says it is unfinished; whole, it gets its own (`layout`).
3. What cannot be read is an entry of the manifest like the tables (`manifest`, `reading`), and the rest goes on.
4. At the end the manifest is written; before, there is none.  On a fault all is removed.

The tables are in clear: they were asked for by name.  Nothing else is left: no temporary file, no log.
"""

from etanche.extraction.story import Extracted, ExtractRequest, Hooks, extract

__all__ = ["ExtractRequest", "Extracted", "Hooks", "extract"]
