"""The plug-in ``m3``."""

from __future__ import annotations
