"""The plug-in ``crm``."""

from __future__ import annotations
