"""Checks that a generator keeps its contract, for authors to run before a suite does."""
