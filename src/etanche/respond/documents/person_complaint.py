"""A neutral sheet with a model for persons who want to complain; it holds nothing of anybody and names no culprit."""

from etanche.respond.document import Document

DOCUMENT = Document(order=62)
