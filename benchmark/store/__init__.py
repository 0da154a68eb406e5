"""Where results live: published once, checked when read, never half there."""
