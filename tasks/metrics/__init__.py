"""The metric mathematics: on features as arrays or tensors, importable without the rest, roles always named.

Every function takes its roles (`real=`, `synthetic=`) by keyword, each a feature matrix of shape (N, D): an array, or a
tensor on the processor or a CUDA device, in any real dtype. `guard` stands in front of all. Moments and eigenvalues are
computed in float64 on the processor; kernels and neighbors share one pass over all pairs (`pairs`), in float32 with
certified bounds, where the tensor lies. Metrics that need no torch do not load it.
"""
