r"""Payment codes: what a banking app reads from a letter, as SEPA (EPC069-12) and Switzerland define it.

Sources: European Payments Council, *Quick Response Code: Guidelines to enable data capture for the
initiation of a SEPA credit transfer*, EPC069-12, version 2.1 (read in a transcription; later
versions are not verified here); SIX, *Swiss Implementation Guidelines for the QR-bill*, version 2.2
of 22 February 2021, and what version 2.3 changes (structured addresses only, more letters), which
is from general knowledge and unverified.

>>> transfer = CreditTransfer(
...     name="Mira Outillage SAS", iban="FR76 3000 6000 0112 3456 7890 189", amount_minor=394107,
...     message="2026-0100")
>>> transfer.payload.split("\n")[4:8]
['', 'Mira Outillage SAS', 'FR7630006000011234567890189', 'EUR3941.07']
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import attrs

from receivables.errors import DocumentError, PolicyError
from receivables.parties import Address, Creditor, Customer
from receivables.receipts.creditor_references import ReferenceScheme, print_form, read_reference

__all__ = [
    "SWISS_HEADINGS",
    "SWISS_LANGUAGES",
    "CreditTransfer",
    "PaymentCode",
    "PaymentSlip",
    "SwissBill",
    "SwissParty",
    "payment_code",
]

_EEA: Final = re.compile(
    "AT|BE|BG|CY|CZ|DE|DK|EE|ES|FI|FR|GR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK"
)
_SEPA: Final = re.compile(f"{_EEA.pattern}|AD|AL|CH|GB|GI|MC|MD|ME|MK|RS|SM|VA")
"""Countries of accounts that a SEPA credit transfer reaches: from general knowledge, of 2025."""

_EPC_BYTES_MAX: Final = 331
"""What a code of version 13 with correction level M holds (EPC069-12, 2)."""
_EPC_MINOR_MAX: Final = 99_999_999_999
_SWISS_MINOR_MAX: Final = 99_999_999_999
_SWISS_CHARACTERS_MAX: Final = 997
"""What a code of version 25 with correction level M holds (QR-bill, 5.2)."""
_SWISS_CURRENCIES: Final = ("CHF", "EUR")
_MODULUS: Final = 97

_CONTROL: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NOT_SWISS: Final = re.compile("[^\x20-\x7e\xa0-\u017f\u0218-\u021b\u20ac]")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_SWISS_IBAN: Final = re.compile(r"(CH|LI)[0-9]{7}[A-Z0-9]{12}")
_BIC: Final = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
_PURPOSE: Final = re.compile(r"[A-Z0-9]{0,4}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_NUMBER_LAST: Final = re.compile(r"(?P<street>\D.*?),? +(?P<number>\d+ ?[A-Za-z]?)")
_NUMBER_FIRST: Final = re.compile(
    r"(?P<number>\d+(?: ?(?:bis|ter|quater|[A-Za-z])\b)?),? +(?P<street>\D.*)"
)

SWISS_HEADINGS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "de": {
            "payment part": "Zahlteil",
            "account": "Konto / Zahlbar an",
            "reference": "Referenz",
            "additional information": "Zusätzliche Informationen",
            "currency": "Währung",
            "amount": "Betrag",
            "receipt": "Empfangsschein",
            "acceptance point": "Annahmestelle",
            "separate": "Vor der Einzahlung abzutrennen",
            "payable by": "Zahlbar durch",
            "payable by blank": "Zahlbar durch (Name/Adresse)",
        },
        "en": {
            "payment part": "Payment part",
            "account": "Account / Payable to",
            "reference": "Reference",
            "additional information": "Additional information",
            "currency": "Currency",
            "amount": "Amount",
            "receipt": "Receipt",
            "acceptance point": "Acceptance point",
            "separate": "Separate before paying in",
            "payable by": "Payable by",
            "payable by blank": "Payable by (name/address)",
        },
        "fr": {
            "payment part": "Section paiement",
            "account": "Compte / Payable à",
            "reference": "Référence",
            "additional information": "Informations supplémentaires",
            "currency": "Monnaie",
            "amount": "Montant",
            "receipt": "Récépissé",
            "acceptance point": "Point de dépôt",
            "separate": "A détacher avant le versement",
            "payable by": "Payable par",
            "payable by blank": "Payable par (nom/adresse)",
        },
        "it": {
            "payment part": "Sezione pagamento",
            "account": "Conto / Pagabile a",
            "reference": "Riferimento",
            "additional information": "Informazioni supplementari",
            "currency": "Valuta",
            "amount": "Importo",
            "receipt": "Ricevuta",
            "acceptance point": "Punto di accettazione",
            "separate": "Da staccare prima del versamento",
            "payable by": "Pagabile da",
            "payable by blank": "Pagabile da (nome/indirizzo)",
        },
    }
)
"""The headings of a Swiss payment part; the guidelines (annex D) allow these words and no others."""

SWISS_LANGUAGES: Final = tuple(SWISS_HEADINGS)
"""The languages in which a Swiss payment part can be printed."""


def _refuse(name: str, rule: str, value: object) -> DocumentError:
    return DocumentError(f"{name} must be {rule}, got {value!r}")


def _line(most: int, *, least: int = 0, default: Any = "") -> Any:  # noqa: ANN401  # what `attrs.field` returns
    def check(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
        if _CONTROL.search(value):
            raise _refuse(attribute.name, "one line of plain text", value)
        if not least <= len(value) <= most:
            raise _refuse(attribute.name, f"{least} to {most} characters", value)

    return attrs.field(default=default, converter=str.strip, validator=check)


def _matching(pattern: re.Pattern[str], rule: str, *, default: Any) -> Any:  # noqa: ANN401  # as above
    def check(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
        if value and not pattern.fullmatch(value):
            raise _refuse(attribute.name, rule, value)

    return attrs.field(default=default, converter=_compact, validator=check)


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


def _check_iban(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    """ISO 13616: the whole, its first four characters last, leaves 1 when divided by 97."""
    if not (_IBAN.fullmatch(value) and _remainder(value[4:] + value[:4]) == 1):
        raise _refuse(attribute.name, "an IBAN whose check digits hold", value)


def _remainder(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % _MODULUS


def _amount(most: int) -> Callable[[object, attrs.Attribute[int | None], int | None], None]:
    def check(_instance: object, attribute: attrs.Attribute[int | None], value: int | None) -> None:
        if value is not None and not 1 <= value <= most:
            raise _refuse(attribute.name, f"1 to {most}", value)

    return check


def _decimal(amount_minor: int) -> str:
    return f"{amount_minor // 100}.{amount_minor % 100:02}"


def _is_creditor_reference(text: str) -> bool:
    return any(
        found.is_valid for found in read_reference(text, schemes=[ReferenceScheme.ISO_11649])
    )


def _is_qr_reference(text: str) -> bool:
    return any(found.is_valid for found in read_reference(text, schemes=[ReferenceScheme.QRR]))


@attrs.frozen(kw_only=True)
class CreditTransfer:
    """A SEPA credit transfer in euro, as a code on a letter proposes it (EPC069-12, version 002).

    `reference` is one of ISO 11649, and `message` free text: one of the two, or none.  The BIC may
    be left out for an account in the European Economic Area.  Raises `DocumentError` naming the
    field that breaks a rule.
    """

    name: str = _line(70, least=1, default=attrs.NOTHING)
    iban: str = attrs.field(converter=_compact, validator=_check_iban)
    bic: str = _matching(_BIC, "a BIC of 8 or 11 characters", default="")
    amount_minor: int | None = attrs.field(default=None, validator=_amount(_EPC_MINOR_MAX))
    """Cents; None leaves the amount to who pays."""
    purpose: str = _matching(_PURPOSE, "a code of up to 4 characters", default="")
    reference: str = attrs.field(default="", converter=_compact)
    message: str = _line(140)
    information: str = _line(70)
    """What the payer is told, and the bank is not."""

    def __attrs_post_init__(self) -> None:
        country = self.iban[:2]
        if not _SEPA.fullmatch(country):
            raise _refuse("iban", "of a country of SEPA", self.iban)
        if not (self.bic or _EEA.fullmatch(country)):
            raise _refuse("bic", f"given for an account in {country}", self.bic)
        if self.reference and not _is_creditor_reference(self.reference):
            raise _refuse("reference", "one of ISO 11649 whose check digits hold", self.reference)
        if self.reference and self.message:
            raise _refuse("message", "empty beside a reference", self.message)
        if (size := len(self.payload.encode())) > _EPC_BYTES_MAX:
            raise _refuse("payload", f"at most {_EPC_BYTES_MAX} bytes", size)

    @property
    def payload(self) -> str:
        """What the code holds: an element a line, nothing after the last one that is given."""
        amount = "" if self.amount_minor is None else f"EUR{_decimal(self.amount_minor)}"
        elements = (
            "BCD",
            "002",
            "1",  # UTF-8
            "SCT",
            self.bic,
            self.name,
            self.iban,
            amount,
            self.purpose,
            self.reference,
            self.message,
            self.information,
        )
        return "\n".join(elements).rstrip("\n")


@attrs.frozen(kw_only=True)
class SwissParty:
    """A name with a structured address (type S): street and house number apart."""

    name: str = _line(70, least=1, default=attrs.NOTHING)
    street: str = _line(70)
    house_number: str = _line(16)
    postal_code: str = _line(16, least=1, default=attrs.NOTHING)
    city: str = _line(35, least=1, default=attrs.NOTHING)
    country: str = _matching(_COUNTRY, "two letters (ISO 3166-1)", default=attrs.NOTHING)

    def __attrs_post_init__(self) -> None:
        if not self.country:
            raise _refuse("country", "two letters (ISO 3166-1)", self.country)
        for field in attrs.fields(SwissParty):
            _check_swiss(field.name, getattr(self, field.name))

    @classmethod
    def of(cls, name: str, address: Address, *, country: str = "") -> SwissParty:
        """A party by its address; a house number before or after the street is taken apart.

        >>> SwissParty.of("Mira", Address(lines=["12 rue de la Fosse"], postal_code="44000",
        ...                               city="Nantes", country="FR")).house_number
        '12'
        """
        lines = [line for line in address.lines if address.postal_code not in line.split()]
        whole = next((line for line in lines if re.search(r"\d", line)), lines[-1] if lines else "")
        found = _NUMBER_LAST.fullmatch(whole) or _NUMBER_FIRST.fullmatch(whole)
        return cls(
            name=name,
            street=found["street"] if found else whole,
            house_number=found["number"] if found else "",
            postal_code=address.postal_code,
            city=address.city,
            country=address.country or country,
        )

    @property
    def elements(self) -> tuple[str, ...]:
        """The seven elements of the code, in their order."""
        place = (self.postal_code, self.city, self.country)
        return ("S", self.name, self.street, self.house_number, *place)

    @property
    def lines(self) -> tuple[str, ...]:
        """The party as it is printed: name, street, place; the country where it is abroad."""
        street = f"{self.street} {self.house_number}".strip()
        abroad = "" if self.country in {"CH", "LI"} else f"{self.country}-"
        return tuple(filter(None, (self.name, street, f"{abroad}{self.postal_code} {self.city}")))


def _check_swiss(name: str, value: str) -> None:
    if found := _NOT_SWISS.search(value):
        raise _refuse(name, "of the letters that a QR-bill allows", found.group())


def _full_reference(text: str) -> str:
    compact = _compact(text)
    # Zeros before a QR reference are often dropped on paper, and needed in the code.
    return compact.rjust(27, "0") if compact.isdecimal() else compact


@attrs.frozen(kw_only=True)
class SwissBill:
    """A QR-bill: whom to pay how much, and what to quote (SPC 0200).

    An account whose institution number is 30000 to 31999 is a QR-IBAN and takes a QR reference,
    and nothing else does.  Raises `DocumentError` naming the field that breaks a rule.
    """

    iban: str = attrs.field(converter=_compact, validator=_check_iban)
    creditor: SwissParty
    currency: str = "CHF"
    amount_minor: int | None = attrs.field(default=None, validator=_amount(_SWISS_MINOR_MAX))
    """Hundredths; None leaves the amount to who pays."""
    debtor: SwissParty | None = None
    """None leaves a box to write in."""
    reference: str = attrs.field(default="", converter=_full_reference)
    message: str = _line(140)

    def __attrs_post_init__(self) -> None:
        if not _SWISS_IBAN.fullmatch(self.iban):
            raise _refuse("iban", "one of Switzerland or Liechtenstein", self.iban)
        if self.currency not in _SWISS_CURRENCIES:
            raise _refuse("currency", "CHF or EUR", self.currency)
        _check_swiss("message", self.message)
        if self.is_qr_iban and not _is_qr_reference(self.reference):
            raise _refuse("reference", "a QR reference for a QR-IBAN", self.reference)
        if not self.is_qr_iban and self.reference and not _is_creditor_reference(self.reference):
            raise _refuse("reference", "one of ISO 11649, or empty", self.reference)
        if (size := len(self.payload)) > _SWISS_CHARACTERS_MAX:
            raise _refuse("payload", f"at most {_SWISS_CHARACTERS_MAX} characters", size)

    @property
    def is_qr_iban(self) -> bool:
        """Whether the account is one for QR references only."""
        return self.iban[4:9].isdecimal() and 30_000 <= int(self.iban[4:9]) <= 31_999  # noqa: PLR2004  # the range of QR-IID

    @property
    def reference_type(self) -> str:
        """``QRR``, ``SCOR`` or ``NON``."""
        if self.is_qr_iban:
            return "QRR"
        return "SCOR" if self.reference else "NON"

    @property
    def payload(self) -> str:
        """What the code holds, an element a line; who is paid in the end is reserved, and blank."""
        nobody = ("",) * 7
        elements = (
            *("SPC", "0200", "1"),
            self.iban,
            *self.creditor.elements,
            *nobody,
            "" if self.amount_minor is None else _decimal(self.amount_minor),
            self.currency,
            *(nobody if self.debtor is None else self.debtor.elements),
            self.reference_type,
            self.reference,
            self.message,
            "EPD",
        )
        return "\n".join(elements)


@attrs.frozen(kw_only=True)
class PaymentSlip:
    """What a Swiss payment part and its receipt print beside the code."""

    language: str = attrs.field(validator=attrs.validators.in_(SWISS_LANGUAGES))
    account: tuple[str, ...]
    """The IBAN in groups of four, then the creditor."""
    reference: str = ""
    message: str = ""
    currency: str
    amount: str = ""
    """Grouped by blanks, with a point; empty leaves a box to write in."""
    debtor: tuple[str, ...] = ()

    @property
    def headings(self) -> Mapping[str, str]:
        """The words of the form in its language."""
        return SWISS_HEADINGS[self.language]


@attrs.frozen(kw_only=True)
class PaymentCode:
    """A code to print: what it holds, what stands beside it, and the Swiss form around it."""

    style: str = attrs.field(validator=attrs.validators.in_(("epc", "swiss")))
    payload: str = attrs.field(repr=False)
    caption: str = _line(200, least=1, default=attrs.NOTHING)
    """What tells people, and screen readers, what the code is for."""
    slip: PaymentSlip | None = None

    @classmethod
    def of_transfer(cls, transfer: CreditTransfer, *, caption: str) -> PaymentCode:
        """The code of a SEPA credit transfer."""
        return cls(style="epc", payload=transfer.payload, caption=caption)

    @classmethod
    def of_bill(cls, bill: SwissBill, *, caption: str, language: str) -> PaymentCode:
        """The code of a QR-bill, with the form in one of `SWISS_LANGUAGES`.

        Raises `PolicyError` for any other language.
        """
        if language not in SWISS_LANGUAGES:
            msg = f"language must be one of {', '.join(SWISS_LANGUAGES)}, got {language!r}"
            raise PolicyError(msg)
        slip = PaymentSlip(
            language=language,
            account=(_in_groups(bill.iban), *bill.creditor.lines),
            reference=_printed(bill.reference),
            message=bill.message,
            currency=bill.currency,
            amount="" if bill.amount_minor is None else _spaced(bill.amount_minor),
            debtor=() if bill.debtor is None else bill.debtor.lines,
        )
        return cls(style="swiss", payload=bill.payload, caption=caption, slip=slip)


def payment_code(
    creditor: Creditor,
    customer: Customer,
    *,
    currency: str,
    amount_minor: int,
    reference: str,
    caption: str,
    language: str = "en",
) -> PaymentCode | None:
    r"""The code that helps to pay what a letter asks for, or None where none would.

    A Swiss account and francs or euros make a QR-bill, in `language`; another account of SEPA and
    euros a SEPA code; anything else, nothing at all.  Nothing either where nothing is asked, where
    a QR-IBAN lacks its QR reference, and where an account outside the European Economic Area lacks
    its BIC.  Raises `PolicyError` where the creditor's account or address breaks a rule.

    >>> mira = Creditor(creditor="MIRA", name="Mira", iban="FR7630006000011234567890189")
    >>> hélène = Customer(customer="C-017", name="Hélène")
    >>> payment_code(mira, hélène, currency="EUR", amount_minor=394107, reference="C-017",
    ...              caption="Scan to pay").payload.split("\n")[-1]
    'C-017'
    >>> payment_code(mira, hélène, currency="CAD", amount_minor=394107, reference="C-017",
    ...              caption="Scan to pay") is None
    True
    """
    iban = _compact(creditor.iban)
    if not iban or not 1 <= amount_minor <= _SWISS_MINOR_MAX:
        return None
    try:
        if iban[:2] in {"CH", "LI"}:
            bill = _bill(creditor, customer, currency, amount_minor, reference)
            if bill is None:
                return None
            return PaymentCode.of_bill(bill, caption=caption, language=language)
        transfer = _transfer(creditor, currency, amount_minor, reference)
        return None if transfer is None else PaymentCode.of_transfer(transfer, caption=caption)
    except DocumentError as error:
        msg = f"creditor {creditor.creditor} must have what a payment code needs: {error}"
        raise PolicyError(msg) from error


def _transfer(
    creditor: Creditor, currency: str, amount_minor: int, reference: str
) -> CreditTransfer | None:
    country = _compact(creditor.iban)[:2]
    reachable = (_SEPA if creditor.bic else _EEA).fullmatch(country)
    if currency != "EUR" or not reachable:
        return None
    structured = _is_creditor_reference(reference)
    return CreditTransfer(
        name=creditor.name[:70],
        iban=creditor.iban,
        bic=creditor.bic,
        amount_minor=amount_minor,
        reference=reference if structured else "",
        message="" if structured else reference[:140],
    )


def _bill(
    creditor: Creditor, customer: Customer, currency: str, amount_minor: int, reference: str
) -> SwissBill | None:
    party = SwissParty.of(creditor.name[:70], creditor.address, country=creditor.country)
    needs_qr = _compact(creditor.iban)[4:6] in {"30", "31"}
    if currency not in _SWISS_CURRENCIES or (needs_qr and not _is_qr_reference(reference)):
        return None
    structured = needs_qr or _is_creditor_reference(reference)
    return SwissBill(
        iban=creditor.iban,
        creditor=party,
        currency=currency,
        amount_minor=amount_minor,
        debtor=_debtor(customer),
        reference=reference if structured else "",
        message="" if structured else reference[:140],
    )


def _debtor(customer: Customer) -> SwissParty | None:
    try:
        return SwissParty.of(customer.name[:70], customer.address, country=customer.country)
    except DocumentError:
        return None  # who pays writes the name and the address into the box


def _in_groups(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def _printed(reference: str) -> str:
    schemes = [ReferenceScheme.ISO_11649, ReferenceScheme.QRR]
    valid = (found for found in read_reference(reference, schemes=schemes) if found.is_valid)
    return next((print_form(found) for found in valid), reference)


def _spaced(amount_minor: int) -> str:
    return f"{amount_minor // 100:,}.{amount_minor % 100:02}".replace(",", " ")
