"""The plug-in ``saft``."""

from __future__ import annotations
