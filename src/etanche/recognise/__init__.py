"""What each column says: kind, role, layout, confidence, reason; and each column's own check over all rows.

Rules, in the order in which they apply:

1. A column is typed on a sample spread over the file (`columns`); then its own check runs on every row
   (`cell_checks`), and no other.
2. What the cells say outweighs what the header says; a header that the cells contradict is named in the reason.
3. When nothing decides, the verdict is a general kind (date, phone, number) or `unknown`: never a bold guess.
4. A user's correction (`--map`) outweighs everything.

Texts (comments) are read by `etanche.recognise.texts`.
"""

from __future__ import annotations

from etanche.recognise.checks import CellChecks, cell_checks, mask
from etanche.recognise.corrections import corrections_from_toml
from etanche.recognise.verdict import columns

__all__ = ["CellChecks", "cell_checks", "columns", "corrections_from_toml", "mask"]
