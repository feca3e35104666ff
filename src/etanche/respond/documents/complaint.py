"""The controller's complaint against X, a letter to the prosecutor: facts, damage, evidence, and the law it points to.

What aims at the controller or its processor themselves is counsel's affair and stands in `complaint_counsel`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from etanche.respond.document import Document, Dossier, Made
from etanche.respond.template import Block, Value


def _blackmail(dossier: Dossier, _language: str, _made: Sequence[Made]) -> Mapping[str, Value | Block]:
    chosen = dossier.controller.chosen("ransom")
    return {"blackmail": Value("", "controllers.csv: ransom")} if chosen and chosen.code == "yes" else {}


DOCUMENT = Document(order=35, duty="complaint", more=_blackmail)
