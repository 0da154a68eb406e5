"""Phantom: procedural patches that look like H&E, with PCam's shape, label rule and file layout.

Every patch is drawn from its own random generator, so it depends on nothing but the dataset seed, its split and
its index. Phantom is a test bed for the harness; it says nothing about real tissue.
"""
