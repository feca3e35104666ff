"""The sheet of the first hour: what to keep, what to cut, whom to call, what not to do."""

from etanche.respond.document import Document

DOCUMENT = Document(order=5)
