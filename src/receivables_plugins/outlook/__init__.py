"""The plug-in ``outlook``."""

from __future__ import annotations
