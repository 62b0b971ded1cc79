"""The plug-in ``column_maps``."""

from __future__ import annotations
