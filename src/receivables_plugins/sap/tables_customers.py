"""From rows of KNA1, with what KNB1 adds for a company code, to customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from receivables.parties import Address, Contact, Customer, CustomerId, Identifier
from receivables.reading import ReadNotes
from receivables_plugins.sap.tables_files import TableRow
from receivables_plugins.sap.tables_settings import SapTablesSettings

__all__ = ["TableCustomers"]


class TableCustomers:
    """Makes customers, each once; company data of another company code are left out."""

    def __init__(self, said: SapTablesSettings, notes: ReadNotes) -> None:
        self._said = said
        self._notes = notes
        self._company: dict[str, Mapping[str, str]] = {}
        self._codes: dict[str, set[str]] = {}
        self._seen: set[str] = set()

    def add_company_data(self, rows: Iterable[TableRow]) -> None:
        """Take rows of KNB1, before those of KNA1."""
        for line, row in rows:
            wanted, code = self._said.company_codes, row.get("BUKRS", "")
            if wanted and code not in wanted:
                continue
            customer = row.get("KUNNR", "")
            known = self._company.setdefault(customer, row)
            if any(known.get(field) != row.get(field) for field in ("ZTERM", "KNRZE", "KNRZB")):
                msg = f"company codes of {customer} must agree on terms and payer, got others in {code}"
                self._notes.warn("sap.company-data-differs", msg, line=line, field="BUKRS")

    def customer(self, row: Mapping[str, str], *, line: int) -> Customer | None:
        """The customer of a row of KNA1, or None where it came before or has no number."""
        number = row.get("KUNNR", "")
        if not number:
            self._notes.error(
                "customer.missing", "KUNNR must be given, got none", line=line, field="KUNNR"
            )
            return None
        if number in self._seen:
            msg = f"customers must differ, got {number} twice; the first one counts"
            self._notes.warn("customer.duplicate", msg, line=line, field="KUNNR")
            return None
        self._seen.add(number)
        said, own = self._said, self._company.get(number, {})
        name = " ".join(filter(None, (row.get("NAME1", ""), row.get("NAME2", ""))))
        country = row.get("LAND1", "")
        phone = row.get("TELF1", "")
        clerk = own.get("BUSAB", "")
        return Customer(
            customer=CustomerId(number),
            name=name or number,
            locale=said.locales.get(row.get("SPRAS", "").upper()[:1], said.locale),
            country=country,
            address=Address(
                lines=[street] if (street := row.get("STRAS", "")) else [],
                postal_code=row.get("PSTLZ", ""),
                city=row.get("ORT01", ""),
                region=row.get("REGIO", ""),
                country=country,
            ),
            contacts=[Contact(name=name or number, phone=phone)] if phone else [],
            identifiers=self._identifiers(row, country),
            payer_group=own.get(said.payer_group, ""),
            terms=said.payment_terms.get(own.get("ZTERM", ""), ""),
            owners=[("accounting-clerk", clerk)] if clerk else [],
        )

    def _identifiers(self, row: Mapping[str, str], country: str) -> list[Identifier]:
        found = [
            Identifier(scheme, value)
            for field in ("STCD1", "STCD2", "STCD3", "STCD4", "STCD5")
            if (value := row.get(field, ""))
            and (scheme := self._said.tax_numbers.get(f"{country}.{field}", ""))
        ]
        vat = row.get("STCEG", "").replace(" ", "")
        return [*found, Identifier("eu.vat", vat)] if vat else found
