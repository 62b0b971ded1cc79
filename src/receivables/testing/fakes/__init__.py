"""Systems that are not there, behaving like those that are: transports to try adapters on.

Each fake is written from the documentation of its system, bad habits included, and is a stand-in for
nothing more than that: an adapter that passes here is verified by a fake of its own authors.
"""

from __future__ import annotations

__all__: list[str] = []
