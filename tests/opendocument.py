"""OpenDocument files as ODF 1.3 spells them: a content, and the little that stands around it."""

import zipfile
from pathlib import Path

_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"' for short in ("office", "table", "text")
)


def paragraph(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def cell(text: str, kind: str = "string", **values: str) -> str:
    """Return a cell that shows `text`; `values` are what it holds (`value`, `date_value`…)."""
    told = "".join(f' office:{name.replace("_", "-")}="{value}"' for name, value in values.items())
    lines = "".join(map(paragraph, text.split("\n")))
    return f'<table:table-cell office:value-type="{kind}"{told}>{lines}</table:table-cell>'


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def table(name: str, *rows: str) -> str:
    return f'<table:table table:name="{name}">{"".join(rows)}</table:table>'


def write(path: Path, kind: str, body: str) -> Path:
    """Write a document of a kind (`text`, `spreadsheet`)."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_NAMESPACES} office:version="1.3">'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{kind}")
        archive.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0" encoding="UTF-8"?><manifest/>')
    return path
