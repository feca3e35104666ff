"""The report to the health agency (ANS, CERT Santé) of a significant or grave incident (CSP L.1111-8-2)."""

from etanche.respond.document import Document

DOCUMENT = Document(order=25, duty="health_agency")
