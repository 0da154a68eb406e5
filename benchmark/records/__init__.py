"""Records: one typed JSON file for every cell, from which alone boards are made."""
