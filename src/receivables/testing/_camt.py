"""Bank statements as camt.053.001.08: a file per page, balances that prove their entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

import attrs

from receivables.money import digits
from receivables.receipts.model import BankEntry, EntryDetail, Payer, Remittance
from receivables.testing._bank import CompanyAccount

__all__ = ["Page", "amount_text", "pages", "to_xml"]

_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


@attrs.frozen(kw_only=True)
class Page:
    """One page of one statement: the entries of a part of a month, between two balances."""

    account: CompanyAccount
    month: dt.date
    number: int
    is_last: bool
    sequence: int
    last_day: dt.date
    opening_minor: int
    entries: tuple[BankEntry, ...]

    @property
    def closing_minor(self) -> int:
        """The balance after the booked entries; pending ones count in none."""
        return self.opening_minor + sum(
            entry.amount_minor for entry in self.entries if entry.is_booked
        )

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.month:%Y-%m}-{self.account.currency}-{self.number}.xml"


def amount_text(amount_minor: int, currency: str, *, point: str = ".") -> str:
    """An amount without its sign, with the decimals of its currency.

    >>> amount_text(-123450, "EUR", point=",")
    '1234,50'
    """
    places = digits(currency)
    text = f"{abs(amount_minor):0{places + 1}d}"
    return f"{text[:-places]}{point}{text[-places:]}" if places else text


def pages(
    account: CompanyAccount,
    entries: Iterable[BankEntry],
    *,
    first_day: dt.date,
    last_day: dt.date,
    page_size: int,
) -> Iterator[Page]:
    """The statements of an account, one per month, in pages of at most `page_size` entries."""
    own = [entry for entry in entries if entry.account == account.iban]
    months = groupby(own, key=lambda entry: str(entry.booking_date)[:7])
    by_month = {month: tuple(group) for month, group in months}
    balance = account.opening_minor
    for sequence, month in enumerate(_months(first_day, last_day), start=1):
        booked = by_month.get(str(month)[:7], ())
        parts = [booked[at : at + page_size] for at in range(0, len(booked), page_size)] or [()]
        for number, part in enumerate(parts, start=1):
            page = Page(
                account=account,
                month=month,
                number=number,
                is_last=number == len(parts),
                sequence=sequence,
                last_day=min(last_day, _next_month(month) - dt.timedelta(days=1)),
                opening_minor=balance,
                entries=part,
            )
            yield page
            balance = page.closing_minor


def _months(first_day: dt.date, last_day: dt.date) -> Iterator[dt.date]:
    month = first_day.replace(day=1)
    while month <= last_day:
        yield month
        month = _next_month(month)


def _next_month(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def to_xml(page: Page, *, owner: str, bic: str) -> bytes:
    """The file of one page."""
    created = f"{page.last_day + dt.timedelta(days=1)}T05:30:00+01:00"
    identity = f"{page.account.currency}-{page.month:%Y-%m}"
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<Document xmlns="{_NAMESPACE}"><BkToCstmrStmt>',
        f"<GrpHdr><MsgId>{identity}-{page.number}</MsgId><CreDtTm>{created}</CreDtTm></GrpHdr>",
        f"<Stmt><Id>{identity}</Id>",
        f"<StmtPgntn><PgNb>{page.number}</PgNb><LastPgInd>{_bool(page.is_last)}</LastPgInd></StmtPgntn>",
        f"<ElctrncSeqNb>{page.sequence}</ElctrncSeqNb><CreDtTm>{created}</CreDtTm>",
        f"<FrToDt><FrDtTm>{page.month}T00:00:00+01:00</FrDtTm>",
        f"<ToDtTm>{page.last_day}T23:59:59+01:00</ToDtTm></FrToDt>",
        f"<Acct><Id><IBAN>{page.account.iban}</IBAN></Id><Ccy>{page.account.currency}</Ccy>",
        f"<Ownr><Nm>{escape(owner)}</Nm></Ownr>",
        f"<Svcr><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></Svcr></Acct>",
        *_balances(page),
        *(_entry(entry) for entry in page.entries),
        "</Stmt></BkToCstmrStmt></Document>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _bool(value: bool) -> str:  # noqa: FBT001  # the value itself is written
    return "true" if value else "false"


def _balances(page: Page) -> Iterator[str]:
    """A balance before and after: opening and closing, or interim ones between two pages."""
    start = page.month - dt.timedelta(days=1) if page.number == 1 else _booked(page, 0)
    yield _balance("OPBD" if page.number == 1 else "ITBD", page.opening_minor, start, page)
    end = page.last_day if page.is_last else _booked(page, -1)
    yield _balance("CLBD" if page.is_last else "ITBD", page.closing_minor, end, page)


def _booked(page: Page, place: int) -> dt.date:
    return page.entries[place].booking_date or page.last_day


def _balance(kind: str, amount_minor: int, day: dt.date, page: Page) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>"
        f"{_amount(amount_minor, page.account.currency)}<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _amount(amount_minor: int, currency: str) -> str:
    direction = "DBIT" if amount_minor < 0 else "CRDT"
    return f"{_plain_amount(amount_minor, currency)}<CdtDbtInd>{direction}</CdtDbtInd>"


def _plain_amount(amount_minor: int, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{amount_text(amount_minor, currency)}</Amt>'


def _entry(entry: BankEntry) -> str:
    domain, family, sub_family = entry.bank_code.split("-")
    value = f"<ValDt><Dt>{entry.value_date}</Dt></ValDt>" if entry.value_date else ""
    text = f"<AddtlNtryInf>{escape(entry.text)}</AddtlNtryInf>" if entry.text else ""
    return (
        f"<Ntry>{_amount(entry.amount_minor, entry.currency)}"
        f"<Sts><Cd>{'BOOK' if entry.is_booked else 'PDNG'}</Cd></Sts>"
        f"<BookgDt><Dt>{entry.booking_date}</Dt></BookgDt>{value}"
        f"<AcctSvcrRef>{entry.bank_reference}</AcctSvcrRef>"
        f"<BkTxCd><Domn><Cd>{domain}</Cd><Fmly><Cd>{family}</Cd>"
        f"<SubFmlyCd>{sub_family}</SubFmlyCd></Fmly></Domn></BkTxCd>"
        f"<NtryDtls>{_batch(entry)}"
        f"{''.join(_detail(detail, entry.currency) for detail in entry.details)}</NtryDtls>"
        f"{text}</Ntry>"
    )


def _batch(entry: BankEntry) -> str:
    if entry.batch_count is None:
        return ""
    total = amount_text(entry.amount_minor, entry.currency)
    return (
        f"<Btch><NbOfTxs>{entry.batch_count}</NbOfTxs>"
        f'<TtlAmt Ccy="{entry.currency}">{total}</TtlAmt></Btch>'
    )


def _detail(detail: EntryDetail, currency: str) -> str:
    end_to_end = escape(detail.remittance.end_to_end or "NOTPROVIDED")
    mandate = "".join(
        f"<{name}>{escape(value)}</{name}>" for name, value in detail.references if name == "MndtId"
    )
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId>{mandate}</Refs>"
        f"{_amount(detail.amount_minor or 0, currency)}{_charged(detail, currency)}"
        f"{_parties(detail.payer)}{_remittance(detail.remittance, currency)}{_return(detail)}</TxDtls>"
    )


def _charged(detail: EntryDetail, currency: str) -> str:
    if not detail.charges_minor or detail.instructed is None:
        return ""
    charges = _plain_amount(detail.charges_minor, currency)
    ordered = (detail.amount_minor or 0) + detail.charges_minor
    return (
        f"<AmtDtls><InstdAmt>{_plain_amount(ordered, currency)}</InstdAmt></AmtDtls>"
        f"<Chrgs><Rcrd>{charges}<CdtDbtInd>DBIT</CdtDbtInd>"
        "<ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>"
    )


def _parties(payer: Payer) -> str:
    if not payer.name:
        return ""
    account = payer.account
    is_iban = account[:2].isalpha()
    number = f"<IBAN>{account}</IBAN>" if is_iban else f"<Othr><Id>{account}</Id></Othr>"
    held = f"<DbtrAcct><Id>{number}</Id></DbtrAcct>" if account else ""
    behalf = payer.ultimate_name
    ultimate = f"<UltmtDbtr><Pty><Nm>{escape(behalf)}</Nm></Pty></UltmtDbtr>" if behalf else ""
    name = f"<Dbtr><Pty><Nm>{escape(payer.name)}</Nm></Pty></Dbtr>"
    return f"<RltdPties>{name}{held}{ultimate}</RltdPties>"


def _remittance(remittance: Remittance, currency: str) -> str:
    parts = [f"<Ustrd>{escape(text)}</Ustrd>" for text in remittance.text]
    parts += [
        "<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry><Issr>ISO</Issr></Tp>"
        f"<Ref>{reference}</Ref></CdtrRefInf></Strd>"
        for reference in remittance.references
    ]
    parts += [
        f"<Strd><RfrdDocInf><Tp><CdOrPrtry><Cd>{document.kind}</Cd></CdOrPrtry></Tp>"
        f"<Nb>{document.number}</Nb></RfrdDocInf><RfrdDocAmt>"
        f'<RmtdAmt Ccy="{currency}">{amount_text(document.amount_minor or 0, currency)}</RmtdAmt>'
        "</RfrdDocAmt></Strd>"
        for document in remittance.documents
    ]
    return f"<RmtInf>{''.join(parts)}</RmtInf>" if parts else ""


def _return(detail: EntryDetail) -> str:
    if detail.returned is None:
        return ""
    text = f"<AddtlInf>{escape(detail.returned.text)}</AddtlInf>" if detail.returned.text else ""
    return f"<RtrInf><Rsn><Cd>{detail.returned.code}</Cd></Rsn>{text}</RtrInf>"
