"""Frozen networks and fixed formulas that turn images into feature vectors."""
