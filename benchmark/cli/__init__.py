"""The ``bench`` command: one module a verb, nothing heavy imported before it is needed."""
