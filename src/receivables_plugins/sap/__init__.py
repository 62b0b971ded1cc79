"""The plug-in ``sap``."""

from __future__ import annotations
