"""The plug-in ``moneris``."""

from __future__ import annotations
