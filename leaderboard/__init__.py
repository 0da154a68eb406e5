"""Boards from records: tables, pages, files. Imports no torch."""
