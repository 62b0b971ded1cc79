"""The plug-in ``cybersource``."""

from __future__ import annotations
