"""The file for a request that access to the data be blocked: what a court ordered in 2021, and what it was shown."""

from etanche.respond.document import Document

DOCUMENT = Document(order=45)
