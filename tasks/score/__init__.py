"""Metrics straight from files of features: ``bench score``, without images, suite or store."""
