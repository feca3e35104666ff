"""The public notice (GDPR 34(3)(c)), for the website and the press: as effective as letters, and broad families only."""

from etanche.respond.document import Document

DOCUMENT = Document(order=50, duty="tell_persons")
