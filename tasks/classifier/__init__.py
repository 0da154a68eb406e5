"""The classifier that is trained on one set of images and tested on another."""
