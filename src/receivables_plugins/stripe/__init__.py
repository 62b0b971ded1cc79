"""The plug-in ``stripe``."""

from __future__ import annotations
