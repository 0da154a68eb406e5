"""A file that lies elsewhere, and how to tell it from any other."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from benchmark.errors import UserError

_BLOCK = 1 << 20


class NotFetched(UserError):
    """A file could not be had; the message says why, and leaves what to do about it to who asked."""

    def __init__(self, message: str, *, status: int | None = None) -> None:
        """Keep the message, and the server's status where that is the reason."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Remote:
    """A file at an address."""

    url: str
    """Address, http or https."""
    size: int | None = None
    """Bytes, where known beforehand."""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Digest in hexadecimal by the name `hashlib` has for it."""

    @property
    def name(self) -> str:
        """Name of the file, the last part of the address."""
        return urlsplit(self.url).path.rpartition("/")[2]

    @property
    def host(self) -> str:
        """Who is asked."""
        return urlsplit(self.url).netloc

    def differs(self, path: Path) -> str | None:
        """Return in what a file is not this one, or None; it is read once, whatever is to be verified.

        Returns:
            Words such as ``sha256 0123456789ab..., expected 6d...``.
        """
        size = path.stat().st_size
        if self.size is not None and size != self.size:
            return f"{size:,} bytes, expected {self.size:,}"
        found = {name: hashlib.new(name, usedforsecurity=False) for name in self.digests}
        with path.open("rb") as stream:
            while block := stream.read(_BLOCK):
                for digest in found.values():
                    digest.update(block)
        for name, digest in found.items():
            if digest.hexdigest() != self.digests[name]:
                return f"{name} {digest.hexdigest()[:12]}..., expected {self.digests[name][:12]}..."
        return None
