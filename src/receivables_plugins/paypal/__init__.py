"""The plug-in ``paypal``."""

from __future__ import annotations
