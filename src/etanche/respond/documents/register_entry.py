"""The entry in the controller's own register of breaches: facts, effects and remedies, notified or not (GDPR 33(5))."""

from etanche.respond.document import Document

DOCUMENT = Document(order=30, duty="register")
