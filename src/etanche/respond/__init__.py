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
from etanche.respond.law import Duty, Law, jurisdictions, law, packs
from etanche.respond.moments import Moment
from etanche.respond.notification import Facts, answers, edpb, facts_of, markdown, unanswered

__all__ = ["ALARMS", "Controller", "Deadline", "Duty", "Entry", "Facts", "Law", "Moment", "State", "agenda", "answers"]
__all__ += ["columns", "deadlines", "edpb", "facts_of", "markdown", "unanswered"]
__all__ += ["elapsed", "jurisdictions", "law", "packs", "read", "state_at"]
