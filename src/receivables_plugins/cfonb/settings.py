"""What must be said of a CFONB file that the file does not say itself."""

from __future__ import annotations

import attrs

from receivables.texts import check_encoding

__all__ = ["CfonbSettings"]


def _encoding(name: str | None) -> str | None:
    return None if name is None else check_encoding(name)


@attrs.frozen(kw_only=True)
class CfonbSettings:
    """How the files are encoded, and in which country the accounts are.

    >>> CfonbSettings(encoding="ISO-8859-15").encoding
    'iso8859-15'
    """

    encoding: str | None = attrs.field(default=None, converter=_encoding)
    """The encoding; without one, UTF-8 is tried first and Windows-1252 next."""
    country: str = attrs.field(default="FR", validator=attrs.validators.in_(("FR", "MC")))
    """What the IBANs that are rebuilt begin with: France with its territories, or Monaco."""
