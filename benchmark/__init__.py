"""histobench: benchmarks for generators of synthetic histology patches.

`benchmark` is the engine. `generators`, `tasks` and `leaderboard` build on it; it imports none of them.
"""

__version__ = "0.1.0"
