"""Writes the figures that docs/ and the README quote, as JSON under docs/results."""
