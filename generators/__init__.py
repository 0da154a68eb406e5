"""The generators of histobench: variants.yaml, and the classes behind it."""
