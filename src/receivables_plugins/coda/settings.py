"""The settings of the reader ``coda``."""

from __future__ import annotations

import attrs

from receivables.texts import check_encoding

__all__ = ["CodaSettings"]


@attrs.frozen(kw_only=True)
class CodaSettings:
    """How a bank writes its CODA files, where they do not say it.

    >>> CodaSettings(encoding="iso-8859-15").encoding
    'iso-8859-15'
    """

    encoding: str = attrs.field(default="")
    """The encoding of the files; by default UTF-8, or else Windows-1252, line by line."""

    @encoding.validator
    def _check_encoding(self, _attribute: object, value: str) -> None:
        if value:
            check_encoding(value)
