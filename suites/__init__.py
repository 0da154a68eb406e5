"""The suites that come with the project, as YAML files."""
