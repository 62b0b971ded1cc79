"""The plug-in ``adyen``."""

from __future__ import annotations
