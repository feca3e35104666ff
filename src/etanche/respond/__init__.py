"""What is owed, to whom, by when: the law as data, the controllers, their deadlines.

Rules, in the order in which they apply:

1. The law is dated files that a lawyer can read (`law/`); code knows how to count, not what is owed.
2. Each controller is worked out from its own line alone: nothing of another can reach its part.
3. What is not known is listed as missing; what is not sure is marked, up to the last output.

>>> law("france").duty("notify_authority").articles[0]
'GDPR 33(1)'
"""

from etanche.respond.agenda import Entry, agenda
from etanche.respond.controllers import Controller, columns, read
from etanche.respond.deadlines import ALARMS, Deadline, State, deadlines, elapsed, state_at
from etanche.respond.document import NATIVE, PRIVILEGED, Dossier, Made, known_documents, make
from etanche.respond.law import Duty, Law, jurisdictions, law, packs
from etanche.respond.moments import Moment
from etanche.respond.notification import Answer, Facts, answers, edpb, facts_of, filed, markdown, stated, unanswered
from etanche.respond.page import page as page_of
from etanche.respond.values import common

__all__ = ["ALARMS", "NATIVE", "PRIVILEGED", "Answer", "Controller", "Deadline", "Dossier", "Duty", "Entry"]
__all__ += ["Facts", "Law", "Made", "Moment", "State", "agenda", "answers", "columns", "common", "deadlines"]
__all__ += ["edpb", "elapsed", "facts_of", "filed", "jurisdictions", "known_documents", "law", "make"]
__all__ += ["markdown", "packs", "page_of", "read", "state_at", "stated", "unanswered"]
