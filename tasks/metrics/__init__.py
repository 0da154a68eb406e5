"""The metric mathematics: on arrays of features, importable without the rest, roles always named.

Every function takes `real=` and `synthetic=` by keyword, each a feature matrix of shape (N, D) in any real
dtype. Moments are summed in float64; kernels and neighbors share one pass over all pairs (`pairs`), in float32 with
certified bounds.
"""
