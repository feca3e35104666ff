"""Open anything: bytes nobody declared become tables of text cells, with provenance and quarantine.

The story, in the order in which the bytes meet it:

1. `opening` walks paths, folders and archives; `bids` lets the readers of `readers/` bid for each entry.
2. `probe` looks at places all over a text: `encodings`, `dialects`, `headers`.
3. `table` reads it once, in blocks: `blocks` tells clean lines from dirty ones, `careful` reads the latter,
   `scan` writes rows and keeps the account of every line.
"""

from etanche.ingest.limits import DEFAULT, Limits, Note, limits_of
from etanche.ingest.opening import Opening, Refused, open_paths
from etanche.ingest.parts import Part
from etanche.ingest.passwords import passwords_of
from etanche.ingest.scan import Run
from etanche.ingest.table import TextTable
from etanche.ingest.tables import Table

__all__ = [
    "DEFAULT",
    "Limits",
    "Note",
    "Opening",
    "Part",
    "Refused",
    "Run",
    "Table",
    "TextTable",
    "limits_of",
    "open_paths",
    "passwords_of",
]
