"""The metric mathematics: on arrays of features, importable without the rest, roles always named.

Every function takes `real=` and `synthetic=` by keyword, each a feature matrix of shape (N, D) in any real
dtype, and computes in float64.
"""
