"""The plug-in ``oracle``."""

from __future__ import annotations
