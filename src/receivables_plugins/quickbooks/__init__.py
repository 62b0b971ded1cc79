"""The plug-in ``quickbooks``."""

from __future__ import annotations
