"""Packed references: features and labels of real images, without the images, to be shared between labs."""
