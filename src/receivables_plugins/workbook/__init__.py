"""The plug-in ``workbook``."""

from __future__ import annotations
