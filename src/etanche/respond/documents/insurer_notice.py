"""The notice to the insurer (C. ass. L.113-2 4°), and the condition of a complaint in time (C. ass. L.12-10-1)."""

from etanche.respond.document import Document

DOCUMENT = Document(order=40, duty="tell_insurer")
