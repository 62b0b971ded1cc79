"""From payments and refunds of the Unified API to movements.

Only what was captured moves money: payments that succeeded, each completion of one that is completed
in parts, refunds that succeeded.  Of the card, its brand and its last four figures are read, and
nothing else.  The field names are those of the published description, version 2.6.1; none of it was
tried on the service.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any, Final

from receivables import limits
from receivables.archives import in_units
from receivables.cards import holds_card_number, masked
from receivables.errors import UnknownCurrencyError
from receivables.money import digits
from receivables.problems import Place
from receivables.reading import ReadNotes
from receivables.receipts.model import Payer, Remittance
from receivables.receipts.payouts import MovementKind, ProcessorMovement
from receivables_plugins.moneris.settings import MonerisSettings
from receivables_plugins.moneris.values import PROCESSOR, batch_day, clean, moment_of

__all__ = ["Movements"]

_CAPTURED: Final = frozenset({"SUCCEEDED", "PARTIALLY_COMPLETED"})
_UNMOVED: Final = frozenset(
    {"CANCELED", "DECLINED", "DECLINED_RETRY", "AUTHORIZED", "INCREMENTED", "FAILED"}
)
_UNDER_WAY: Final = frozenset({"PROCESSING", "PENDING"})


class Movements:
    """Makes movements of what the service gives, and notes what cannot be one."""

    def __init__(self, settings: MonerisSettings, notes: ReadNotes) -> None:
        self._settings = settings
        self._notes = notes
        self._zone = zoneinfo.ZoneInfo(settings.time_zone)

    def of_payment(self, payment: Mapping[str, Any]) -> Iterator[ProcessorMovement]:
        """The movements of a payment: one, or one for each of its completions."""
        name = self._name(payment, "paymentId")
        if not name or not self._is_captured(payment, name, "paymentStatus"):
            return
        parts = [each for each in payment.get("multipleCompletions") or [] if _is_object(each)]
        if not parts and payment.get("paymentStatus") == "PARTIALLY_COMPLETED":
            self._refuse("moneris.completion-missing", name, "multipleCompletions", "none")
            return
        if not parts:
            yield from self._captured(payment, name, payment.get("transactionDateTime"))
            return
        for number, part in enumerate(parts, start=1):
            money = self._money(part.get("amount"), name, "multipleCompletions.amount")
            moment = self._moment(part.get("processedAt"), name, "processedAt")
            if money is not None and moment is not None:
                yield self._payment(payment, f"{name}:{number}", money, moment)

    def of_refund(self, refund: Mapping[str, Any]) -> Iterator[ProcessorMovement]:
        """The movement of a refund."""
        name = self._name(refund, "refundId")
        if not name or not self._is_captured(refund, name, "refundStatus"):
            return
        money = self._money(refund.get("refundAmount"), name, "refundAmount")
        moment = self._moment(refund.get("createdAt"), name, "createdAt")
        if money is None or moment is None:
            return
        paid = refund.get("payment")
        original = paid.get("paymentId", "") if isinstance(paid, dict) else ""
        amount, currency = money
        yield ProcessorMovement(
            **self._shared(refund, moment),
            movement=name,
            kind=MovementKind.REFUND,
            gross_minor=-amount,
            currency=currency,
            original=str(original),
            text=self._text(refund.get("reason"), "reason"),
            raw_kind=str(refund.get("refundStatus")),
        )

    def _captured(
        self, payment: Mapping[str, Any], name: str, moment_said: object
    ) -> Iterator[ProcessorMovement]:
        pricing = payment.get("multiCurrencyPricingDetails")
        settled = pricing.get("merchantSettlementAmount") if isinstance(pricing, dict) else None
        field = "amount" if settled is None else "merchantSettlementAmount"
        money = self._money(payment.get("amount") if settled is None else settled, name, field)
        moment = self._moment(moment_said, name, "transactionDateTime")
        if money is None or moment is None:
            return
        if settled is None:
            money = self._with_surcharge(payment, money, name)
        yield self._payment(payment, name, money, moment)

    def _with_surcharge(
        self, payment: Mapping[str, Any], money: tuple[int, str], name: str
    ) -> tuple[int, str]:
        """The amount with its surcharge, which is not in it, and which the payer paid as well."""
        details = payment.get("amountDetails")
        said = details.get("surchargeAmount") if isinstance(details, dict) else None
        more = None if said is None else self._money(said, name, "surchargeAmount")
        amount, currency = money
        if more is None or more[1] != currency or not more[0]:
            return money
        added = more[0] if self._settings.adds_surcharge else 0
        msg = f"surcharge of {in_units(more[0], currency)} must be looked at, got it on {name}"
        self._notes.warn("moneris.surcharge", msg, field="surchargeAmount")
        return amount + added, currency

    def _payment(
        self,
        payment: Mapping[str, Any],
        name: str,
        money: tuple[int, str],
        moment: dt.datetime,
    ) -> ProcessorMovement:
        amount, currency = money
        return ProcessorMovement(
            **self._shared(payment, moment),
            movement=name,
            kind=MovementKind.PAYMENT,
            gross_minor=amount,
            currency=currency,
            payer=self._payer(payment),
            raw_kind=str(payment.get("paymentStatus")),
        )

    def _shared(self, record: Mapping[str, Any], moment: dt.datetime) -> dict[str, Any]:
        """What payments and refunds have in common."""
        names = ("invoiceNumber", "orderId", "customerReference")
        said = [self._text(record.get(name), name) for name in names]
        texts = list(dict.fromkeys(text for text in said if text))
        brand, last4 = _card(record)
        closes_at = self._settings.closes_at
        return {
            "processor": PROCESSOR,
            "occurred_on": moment.astimezone(self._zone).date(),
            "available_on": batch_day(moment, zone=self._zone, closes_at=closes_at),
            "reference": texts[0] if texts else "",
            "remittance": Remittance(text=texts),
            "method": brand,
            "last4": last4,
            "source": Place(self._notes.source),
        }

    def _payer(self, payment: Mapping[str, Any]) -> Payer:
        method = payment.get("paymentMethod")
        holder = method.get("cardholderInformation") if isinstance(method, dict) else None
        if not isinstance(holder, dict):
            return Payer()
        name = holder.get("companyName") or holder.get("cardholderName")
        return Payer(name=self._text(name, "cardholderName"))

    # -- what is read ---------------------------------------------------------------------

    def _name(self, record: Mapping[str, Any], field: str) -> str:
        name = record.get(field)
        if not isinstance(name, str) or not name:
            self._refuse_row(record, field)
            return ""
        if holds_card_number(name):
            msg = f"{field} must be no card number, got one"
            self._notes.error("card.number", msg, field=field)
            return ""
        return name

    def _refuse_row(self, record: Mapping[str, Any], field: str) -> None:
        """A row that came as an error of the service, or has no name."""
        said = masked(str(record.get("title") or "no name"))[:60]
        msg = f"row must have its {field}, got {said}"
        self._notes.error("service.refused", msg, field=field)

    def _is_captured(self, record: Mapping[str, Any], name: str, field: str) -> bool:
        status = record.get(field)
        if status in _CAPTURED:
            return True
        if status in _UNDER_WAY:
            msg = f"{field} of {name} must be final to be taken, got {status}; read it again later"
            self._notes.warn("moneris.under-way", msg, field=field)
        elif status not in _UNMOVED:
            self._refuse("moneris.status-unknown", name, field, masked(str(status))[:60])
        return False

    def _money(self, value: object, name: str, field: str) -> tuple[int, str] | None:
        """An amount in minor units with its currency; None where it was refused."""
        amount = value.get("amount") if isinstance(value, dict) else None
        currency = value.get("currency") if isinstance(value, dict) else None
        if type(amount) is not int or amount < 0:
            self._refuse("amount.invalid", name, field, type(amount).__name__)
            return None
        if amount > limits.AMOUNT_MINOR_MAX:
            self._refuse("amount.limit", name, field, "more than is possible")
            return None
        try:
            digits(str(currency))
        except UnknownCurrencyError as error:
            self._notes.error("currency.unknown", f"{error} on {name}", field=field)
            return None
        return amount, str(currency)

    def _moment(self, value: object, name: str, field: str) -> dt.datetime | None:
        moment = moment_of(value)
        if moment is None:
            self._refuse("date.invalid", name, field, masked(str(value))[:60])
        return moment

    def _text(self, value: object, field: str) -> str:
        text = "" if value is None else " ".join(str(value).split())
        return clean(text, notes=self._notes, field=field)

    def _refuse(self, code: str, name: str, field: str, got: str) -> None:
        msg = f"{field} of {name} must be one that can be read, got {got}"
        self._notes.error(code, msg, field=field)


def _is_object(value: object) -> bool:
    return isinstance(value, dict)


def _card(record: Mapping[str, Any]) -> tuple[str, str]:
    """The brand and the last four figures of the card; number, expiry and checks are not read."""
    found: Any = record
    for name in ("paymentMethod", "paymentMethodInformation", "cardInformation"):
        found = found.get(name) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return "", ""
    last4 = str(found.get("lastFour") or "")
    brand = str(found.get("cardBrand") or "").casefold()
    return brand, last4 if len(last4) <= 4 and last4.isdigit() else ""  # noqa: PLR2004  # four
