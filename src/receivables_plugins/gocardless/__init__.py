"""The plug-in ``gocardless``."""

from __future__ import annotations
