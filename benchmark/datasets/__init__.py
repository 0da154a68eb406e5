"""Real images: where they lie, how they are read, which are which."""
