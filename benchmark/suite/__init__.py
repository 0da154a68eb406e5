"""Suites: frozen, versioned YAML files that say what is compared, on what, and how."""
