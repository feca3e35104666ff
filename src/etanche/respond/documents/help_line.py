"""The answer sheets of the help line: what may be said to whom, and what is never said by telephone."""

from etanche.respond.document import Document

DOCUMENT = Document(order=55)
