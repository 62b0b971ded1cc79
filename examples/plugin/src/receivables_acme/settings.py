"""What the adapters must be told; the keys of a settings file become these fields."""

from __future__ import annotations

import datetime as dt

import attrs

from receivables.errors import PolicyError
from receivables.parties import CreditorId
from receivables.texts import parse_date

__all__ = ["AcmeSettings", "ExportSettings"]


def _day(value: dt.date | str | None) -> dt.date | None:
    return parse_date(value) if isinstance(value, str) else value


@attrs.frozen(kw_only=True)
class ExportSettings:
    """The settings of ``acme-export``; `snapshot_date` is the day that the list is of."""

    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    snapshot_date: dt.date | None = attrs.field(default=None, converter=_day)


@attrs.frozen(kw_only=True)
class AcmeSettings:
    """The settings of ``acme``; `key` is the name of the secret, never the secret itself."""

    creditor: CreditorId = attrs.field(default=CreditorId(""), converter=CreditorId)
    url: str = attrs.field()
    key: str = "acme-key"
    page_size: int = 500

    @url.validator
    def _check_url(self, _attribute: object, value: str) -> None:
        if not value.startswith("https://"):
            msg = f"url must begin with https://, got {value!r}"
            raise PolicyError(msg)
