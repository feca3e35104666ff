"""Spreadsheets: what is in their zips, their XML and their cells; `parsers.workbook` puts it together."""
