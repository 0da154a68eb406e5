"""What is run on a GPU, where pydantic may be missing.

Recipes are annotated with it, and nothing here judges annotations: a stand-in lets them be imported.
"""

from __future__ import annotations

import sys
import types

try:
    import pydantic  # noqa: F401
except ModuleNotFoundError:
    sys.modules["pydantic"] = types.ModuleType("pydantic")
    sys.modules["pydantic"].Field = lambda **_: None  # type: ignore[attr-defined]
