"""The case folder: custody log, keys, encryption at rest, legal hold, purge.

Read `folder.py` first; `docs/explanation/case-folder.md` tells the reasons.
"""

from etanche.casefile import keys
from etanche.casefile.custody import Entry, Event, Fault, Verification
from etanche.casefile.disk import write as write_whole
from etanche.casefile.folder import CaseFolder
from etanche.casefile.keys import KeyChoice, KeyOptions, Way
from etanche.casefile.process import secure_process
from etanche.casefile.purge import Receipt
from etanche.casefile.summary import Acquisition, Summary, parse_until

__all__ = [
    "Acquisition",
    "CaseFolder",
    "Entry",
    "Event",
    "Fault",
    "KeyChoice",
    "KeyOptions",
    "Receipt",
    "Summary",
    "Verification",
    "Way",
    "keys",
    "parse_until",
    "secure_process",
    "write_whole",
]
