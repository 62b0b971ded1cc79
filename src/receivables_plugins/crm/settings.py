"""What a directory must be told: above all, which customer an account of the CRM is."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from types import MappingProxyType

import attrs

from receivables.errors import PolicyError
from receivables.parties import Role
from receivables.texts import check_date_format, check_encoding

__all__ = ["CrmSettings"]


def _texts(values: Mapping[str, object]) -> Mapping[str, str]:
    return MappingProxyType({str(key): str(value) for key, value in dict(values).items()})


def _check_role(value: str) -> None:
    known = [role.value for role in Role]
    if value not in known:
        msg = f"role must be among {', '.join(known)}, got {value!r}"
        raise PolicyError(msg)


@attrs.frozen(kw_only=True)
class CrmSettings:
    """How the exports of a CRM are read, and how files for it are written.

    Which customer an account is, is never guessed: it stands in a column of the accounts
    (`customer_column`), in a file among those given (`mapping_file`), or here (`mapping`).  Raises
    `PolicyError` where none of them is said.
    """

    customer_column: str = ""
    """The heading under which the accounts have the customer's number."""
    mapping_file: str = ""
    """The name of a file with an account and a customer in each row."""
    mapping_account: str = "account"
    mapping_customer: str = "customer"
    mapping: Mapping[str, str] = attrs.field(factory=dict, converter=_texts)
    """Account = customer."""
    files: Mapping[str, str] = attrs.field(factory=dict, converter=_texts)
    """Name of a file = what it holds, where its headings do not say it."""
    roles: Mapping[str, str] = attrs.field(factory=dict, converter=_texts)
    """Title = role, before any word is looked at."""
    default_role: str = attrs.field(default="")
    """The role of whoever has no title that is known; without it, management, and a warning."""
    default_locale: str | None = None
    language_column: str = ""
    """The heading under which the contacts have their language, where it is not a usual one."""
    time_zone: str = attrs.field(default="UTC")
    """The zone of moments that do not say theirs."""
    date_format: str | None = attrs.field(default=None)
    """The form of days that are not ISO 8601, such as ``%m/%d/%Y``."""
    encoding: str = attrs.field(default="utf-8", converter=check_encoding)
    key_column: str = ""
    """The column of the files written that keeps the name of an activity for good."""

    def __attrs_post_init__(self) -> None:
        if not (self.customer_column or self.mapping_file or self.mapping):
            msg = "customer_column, mapping_file or mapping must say which customer an account is, got none"
            raise PolicyError(msg)

    @default_role.validator
    def _check_default_role(self, _attribute: object, value: str) -> None:
        if value:
            _check_role(value)

    @roles.validator
    def _check_roles(self, _attribute: object, value: Mapping[str, str]) -> None:
        for role in value.values():
            _check_role(role)

    @time_zone.validator
    def _check_zone(self, _attribute: object, value: str) -> None:
        if value != "UTC":
            self.zone_of(value)

    @date_format.validator
    def _check_date_format(self, _attribute: object, value: str | None) -> None:
        if value is not None:
            check_date_format(value)

    @staticmethod
    def zone_of(name: str) -> dt.tzinfo:
        """A zone by its name; raises `PolicyError` for one that is none."""
        try:
            return dt.UTC if name == "UTC" else zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            msg = f"time_zone must be a name of the IANA database, got {name!r}"
            raise PolicyError(msg) from error
