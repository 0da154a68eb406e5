"""Morphology: clusters of training images in an encoder's space, and how often each meets each label."""
