"""What a person in the file can do, on one page: no link to click, nothing that says who was a patient."""

from etanche.respond.document import Document

DOCUMENT = Document(order=60)
