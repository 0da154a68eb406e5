"""Names for things that are loaded when used: tasks, datasets, extractors, verbs, variants, suites."""
