"""The golden outputs of every kind of step and of every part that comes with the project, and how they are renewed.

A store keeps results under keys that hold the versions of stages and parts. Code that makes another output under an
unchanged version would be handed results of older code as its own. So ``tests/test_golden_digests.py`` compares what
the code makes now with ``tests/golden_digests.json``. After a change that is meant: raise the version, then run

    .venv/bin/python -m scripts.goldens

which renews the file, but no output whose version was not raised.

Whole numbers, text and pixels are compared by digest, arrays by type, shape and values, so that neither a processor nor
the library that lays out a file is in a golden. Steps are run on parts that are exact (`toybench.echo`). What is
computed in floating point (features of networks, metrics) is kept as numbers and compared within a tolerance: kernels
of unlike processors round differently, and a digest of rounded numbers flips where one lies near a boundary.
"""
