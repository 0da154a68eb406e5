"""What each choice of a protocol alone does to each metric: ``bench audit``."""
