"""What cannot be taken is a problem with its place; what stood before it is kept."""

from __future__ import annotations

import codecs
import tracemalloc

import pytest

from receivables import limits
from receivables.receipts.model import BankEntry

REFUSED = {
    "garbled": ({"amount": "12..34"}, "amount.invalid", "Amt"),
    "comma": ({"amount": "12,34"}, "amount.invalid", "Amt"),
    "exponent": ({"amount": "1E5"}, "amount.invalid", "Amt"),
    "not a number": ({"amount": "NaN"}, "amount.invalid", "Amt"),
    "other digits": ({"amount": "\u0661\u0662"}, "amount.invalid", "Amt"),
    "underscore": ({"amount": "1_000"}, "amount.invalid", "Amt"),
    "empty": ({"amount": ""}, "amount.invalid", "Amt"),
    "a tenth of a cent": ({"amount": "8.855"}, "amount.inexact", "Amt"),
    "a tenth of a yen": ({"amount": "8.5", "currency": "JPY"}, "amount.inexact", "Amt"),
    "beyond all money": ({"amount": "9" * 5000}, "amount.limit", "Amt"),
    "just beyond": ({"amount": "10000000000000.01"}, "amount.limit", "Amt"),
    "negative": ({"amount": "-5.00"}, "entry.direction-invalid", "Amt"),
    "no direction": ({"sign": ""}, "entry.direction-invalid", "CdtDbtInd"),
    "unknown direction": ({"sign": "CREDIT"}, "entry.direction-invalid", "CdtDbtInd"),
    "unknown currency": ({"currency": "EURO"}, "currency.unknown", "Amt"),
    "gold": ({"currency": "XAU"}, "currency.unknown", "Amt"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_refused_entry(reason, read, message, statement, entry):
    """The entry is left out, with the code, the element and the line; the next one is read."""
    changed, code, field = REFUSED[reason]
    written = entry(**{"amount": "5.00", **changed})
    collected = read(message(statement("\n", written, entry())))
    error = collected.report.errors[0]

    assert [100_00] == [row.amount_minor for row in collected.rows if isinstance(row, BankEntry)]
    assert (code, f"BkToCstmrStmt/Stmt/Ntry/{field}", 3) == (
        error.code,
        error.place.field,
        error.place.line,
    )
    assert not collected.report.complete


def test_contradictory_direction(read, message, statement, entry, element, codes):
    """An entry that says both directions has none."""
    written = entry(more=element("CdtDbtInd", "DBIT"))

    assert codes(read(message(statement(written))))[0] == "entry.direction-invalid"


def test_repeated_amount(read, message, statement, entry, element, codes):
    """An entry that says two amounts has none."""
    written = entry(more=element("Amt", "5.00", Ccy="EUR"))

    assert codes(read(message(statement(written))))[0] == "amount.invalid"


def test_amount_without_currency_takes_the_accounts(first, entry):
    """An amount that says no currency is in that of the account."""
    assert first(entry().replace(' Ccy="EUR"', "")).currency == "EUR"


def test_amount_without_any_currency(read, message, statement, entry, codes):
    """Without a currency on the account either, the entry is refused."""
    content = message(statement(entry(), balances="")).replace(b' Ccy="EUR"', b"")

    assert "currency.missing" in codes(read(content.replace(b"<Ccy>EUR</Ccy>", b"")))


@pytest.mark.parametrize(
    "date", ["2026-02-30", "2026-13-01", "31.10.2026", "20261031", "2026-W01-1", "2026-10-3"]
)
def test_impossible_date(date, read, message, statement, entry, element, codes):
    """An entry with another date is kept without the impossible one; the read is not complete."""
    collected = read(message(statement(entry(date=date, more=element("ValDt/Dt", "2026-10-05")))))

    assert codes(collected) == ["date.invalid"]
    assert collected.rows[0].booking_date is None
    assert not collected.report.complete


def test_credit_without_any_date(read, message, statement, entry, codes):
    """A credit without a day cannot become a receipt, so it is left out."""
    collected = read(message(statement(entry("5.00", date=""), entry())))

    assert codes(collected) == ["date.missing"]
    assert [100_00] == [row.amount_minor for row in collected.rows if isinstance(row, BankEntry)]
    assert not collected.report.complete


def test_debit_without_any_date(read, message, statement, entry, balance, codes):
    """A debit without a day is only less well known, and the read is complete."""
    balances = balance("OPBD", "0.00") + balance("CLBD", "100.00", sign="DBIT")
    collected = read(message(statement(entry(sign="DBIT", date=""), balances=balances)))

    assert codes(collected) == ["date.missing"]
    assert collected.report.complete


def test_details_that_do_not_add_up(read, message, statement, entry, element, codes):
    """Transactions that are not the entry are a warning, and the entry stands."""
    transactions = element("TxDtls", element("Amt", "30.00", Ccy="EUR")) * 2
    collected = read(message(statement(entry(details=element("NtryDtls", transactions)))))

    assert codes(collected) == ["entry.details-differ"]
    assert collected.report.complete


def test_detail_that_cannot_be_read(read, message, statement, entry, detail, element):
    """A garbled transaction costs its own amount, and not the entry's."""
    collected = read(message(statement(entry(details=detail(element("Amt", "?", Ccy="EUR"))))))
    (error,) = collected.report.errors

    assert (error.code, error.place.field) == (
        "amount.invalid",
        "BkToCstmrStmt/Stmt/Ntry/NtryDtls/TxDtls/Amt",
    )
    assert collected.rows[0].amount_minor == 100_00
    assert collected.rows[0].details[0].amount_minor is None


def test_balance_that_cannot_be_read(read, message, statement, entry, balance, codes):
    """A garbled balance is an error, and the statement is not proved."""
    balances = balance("OPBD", "x") + balance("CLBD", "100.00")
    collected = read(message(statement(entry(), balances=balances)))

    assert codes(collected) == ["amount.invalid", "statement.incomplete"]


def test_truncated_file_keeps_what_came_before(read, message, statement, entry):
    """Entries before the cut are there; the cut has its line."""
    content = message(statement("\n", entry("60.00"), "\n", entry("40.00")))
    collected = read(content[: content.rindex(b"<Ntry>") + 23])
    (error,) = collected.report.errors

    assert [60_00] == [row.amount_minor for row in collected.rows]
    assert (error.code, error.place.line) == ("file.truncated", 4)
    assert error.place.field == "BkToCstmrStmt/Stmt/Ntry/Amt"


def test_malformed_file_keeps_what_came_before(read, message, statement, entry):
    """A wrong end tag ends the reading, with its line."""
    content = message(statement("\n", entry(), "\n<Oops>"))
    collected = read(content)
    (error,) = collected.report.errors

    assert len(collected.rows) == 1
    assert (error.code, error.place.line) == ("xml.malformed", 4)


NO_MESSAGE = {
    "nothing": (b"", "file.empty"),
    "blanks": (b" \r\n\t ", "file.empty"),
    "text": (b"amount;date\n1;2\n", "file.format"),
    "another message": (b"<Document><CstmrDrctDbtInitn/></Document>", "file.format"),
    "a page": (b"<html><body>Login</body></html>", "file.format"),
    "no statement": (
        b"<Document><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>",
        "file.empty",
    ),
    "cut in its first line": (b'<?xml version="1.0"', "file.truncated"),
    "unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><a/>', "encoding.invalid"),
    "an encoding that hides characters": (
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        "encoding.invalid",
    ),
    "an encoding that is no text": (
        b'<?xml version="1.0" encoding="hex"?><a/>',
        "encoding.invalid",
    ),
}


@pytest.mark.parametrize("name", NO_MESSAGE)
def test_what_is_no_message(name, read, codes):
    """What holds no statement is an error of its own kind."""
    content, code = NO_MESSAGE[name]
    collected = read(content)

    assert codes(collected) == [code]
    assert collected.rows == ()


def test_document_type_is_forbidden(read, message, statement, entry):
    """A document type is refused before anything that it declares is looked at."""
    prolog = (
        '<?xml version="1.0"?>\n<!DOCTYPE Document [<!ENTITY lol "ha"><!ENTITY x "&lol;&lol;">]>'
    )
    collected = read(message(statement(entry()), prolog=prolog))
    (error,) = collected.report.errors

    assert collected.rows == ()
    assert (error.code, error.place.line) == ("xml.forbidden", 2)


def test_external_entity_is_forbidden(read, tmp_path):
    """A file is never opened because a statement names it."""
    secret = tmp_path / "secret"
    secret.write_text("4711", encoding="utf-8")
    content = f'<!DOCTYPE a [<!ENTITY s SYSTEM "{secret.as_uri()}">]><a>&s;</a>'.encode()
    (error,) = read(content).report.errors

    assert error.code == "xml.forbidden"


def test_undeclared_entity_is_malformed(read, message, statement, entry, codes):
    """There are no entities but the five of XML."""
    assert codes(read(message(statement(entry(more="&nbsp;")))))[-1] == "xml.malformed"


@pytest.mark.parametrize("where", ["around", "inside"])
def test_depth_is_bounded(where, read, message, statement, entry, codes):
    """Elements deeper than any bank writes are refused."""
    count = limits.XML_DEPTH_MAX + 1
    deep = "<a>" * count + "</a>" * count
    content = deep.encode() if where == "around" else message(statement(entry(more=deep)))

    assert codes(read(content)) == ["xml.forbidden"]


@pytest.mark.parametrize(
    "wrap", ["{}", "<a>{}</a>", "<AddtlNtryInf>{}</AddtlNtryInf>", "<!--{}-->"]
)
def test_text_is_bounded(wrap, read, message, statement, entry, codes):
    """A text longer than any bank writes is refused, wherever it stands."""
    text = wrap.format("x" * (limits.XML_TEXT_MAX + 200_000))

    assert codes(read(message(statement(entry(more=text))))) == ["file.too-large"]


def test_entry_is_bounded(read, message, statement, entry, element, codes, monkeypatch):
    """An entry larger than a hundred thousand transactions is refused."""
    monkeypatch.setattr("receivables.limits.XML_RECORD_BYTES_MAX", 100_000)
    details = element("NtryDtls", element("TxDtls/AddtlTxInf", "x" * 100) * 2_000)

    assert codes(read(message(statement(entry(details=details))))) == ["file.too-large"]


ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_encodings(encoding, read, message, statement, entry, element):
    """A file is read in the encoding that it declares, or that its first bytes show."""
    name = "utf-8" if encoding == "utf-8-sig" else encoding
    text = message(
        statement(entry(more=element("AddtlNtryInf", "Zürich"))),
        prolog=f'<?xml version="1.0" encoding="{name}"?>',
    ).decode()
    collected = read(text.encode(encoding))

    assert collected.rows[0].text == "Zürich"
    assert collected.report.complete


def test_wrong_bytes_end_the_reading(read, message, statement, entry, element, codes):
    """Bytes that are no text in the declared encoding end the reading; what came before is kept."""
    content = message(statement(entry("60.00"), entry(more=element("AddtlNtryInf", "X"))))
    collected = read(content.replace(b">X<", b">\xff<"))

    assert codes(collected) == ["xml.malformed"]
    assert [60_00] == [row.amount_minor for row in collected.rows]


def test_byte_order_mark_alone(read, codes):
    """A file that holds a byte order mark and nothing else was cut."""
    assert codes(read(codecs.BOM_UTF8)) == ["file.truncated"]


def test_memory_does_not_grow_with_the_file(message, statement, entry):
    """Ten times as many entries need no more memory, because each goes out as it is complete."""
    from receivables_plugins.iso20022.reader import Camt053Reader  # noqa: PLC0415  # traced below

    peaks = []
    for count in (2_000, 20_000):
        stream = _Repeated(message(statement("|")), entry().encode(), count)
        tracemalloc.start()
        rows = sum(1 for _ in Camt053Reader().read(stream, name="x"))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert rows == count + 1

    assert peaks[1] < peaks[0] * 1.2 + 50_000


class _Repeated:
    """A stream that repeats an entry inside a message without holding it all."""

    def __init__(self, around, entry, count):
        self._head, self._tail = around.split(b"|")
        self._entry = entry
        self._left = count
        self._pieces = self._all()

    def _all(self):
        yield self._head
        for _ in range(self._left // 100):
            yield self._entry * 100
        yield self._tail

    def read(self, _size):
        return next(self._pieces, b"")
