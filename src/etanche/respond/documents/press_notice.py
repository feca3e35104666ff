"""The public notice (GDPR 34(3)(c)), for website and press: as effective as letters, broad families only."""

from etanche.respond.document import Document

DOCUMENT = Document(order=50, duty="tell_persons")
