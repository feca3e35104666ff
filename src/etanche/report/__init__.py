"""The verdict as a document, a page and a few lines on a terminal.

The story: `census_document` turns a `Census` and the `Facts` around it into the content of census.json, under the
published `schema`; `shareable` takes every small count out of it; `html` and `terminal` say it to people, `first_lines`
says what the sample alone already shows.  Values of the file pass `text.plain` on their way to any of them.
"""

from etanche.report.document import census_document, schema
from etanche.report.facts import Facts
from etanche.report.page import html
from etanche.report.screen import first_lines, terminal
from etanche.report.shareable import shareable

__all__ = ["Facts", "census_document", "first_lines", "html", "schema", "shareable", "terminal"]
