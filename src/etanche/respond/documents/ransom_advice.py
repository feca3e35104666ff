"""Never pay, never buy: what to answer to whoever asks for money, and what paying would not change."""

from etanche.respond.document import Document

DOCUMENT = Document(order=8)
