"""Rows that bound a board: real images, noise, round trips. None of them is a generator to be recommended."""
