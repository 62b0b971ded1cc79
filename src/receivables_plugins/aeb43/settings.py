"""The settings of the reader ``aeb43``."""

from __future__ import annotations

import attrs

from receivables.texts import check_encoding

__all__ = ["Aeb43Settings"]


@attrs.frozen(kw_only=True)
class Aeb43Settings:
    """How a bank writes its AEB43 files, where they do not say it.

    >>> Aeb43Settings(encoding="cp850").sepa_records
    False
    """

    encoding: str = attrs.field(default="")
    """The encoding of the files; by default UTF-8, or else Windows-1252, line by line."""
    sepa_records: bool = attrs.field(default=False, validator=attrs.validators.instance_of(bool))
    """Whether the five records 23 of a transfer are the fields of a SEPA transfer.

    Appendix 4 of the issue of 2012 gives them a name, a reference and a text; banks also fill five
    records with lines of text, and nothing in the file says which it is.
    """

    @encoding.validator
    def _check_encoding(self, _attribute: object, value: str) -> None:
        if value:
            check_encoding(value)
