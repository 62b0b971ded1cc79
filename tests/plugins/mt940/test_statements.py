"""Messages: their head and balances, several in a file, and what stands around them."""

from __future__ import annotations

import datetime as dt

import pytest

ENTRY = ":61:2610311031CR5,00NTRFNONREF"


def test_a_statement_proves_its_entries(read, statement, statements):
    """Opening balance plus entries is the closing balance."""
    (found,) = statements(read(statement(ENTRY, closing="C261031EUR105,00")))

    assert 0 == found.difference_minor
    assert ("2026/218", 218, 1, True) == (
        found.statement,
        found.sequence,
        found.page,
        found.is_last_page,
    )
    assert [dt.date(2026, 10, 30), dt.date(2026, 10, 31)] == [one.date for one in found.balances]


def test_debit_balances_are_negative(read, statement, statements, codes):
    """A balance has a mark of its own."""
    found = read(statement(ENTRY, opening="D261030EUR2,50", closing="C261031EUR2,5"))

    assert [] == codes(found)
    assert -2_50 == statements(found)[0].opening_minor


def test_what_does_not_add_up_is_an_error(read, statement, codes):
    """It is said with the line of the closing balance."""
    found = read(statement(ENTRY))

    assert ["statement.unbalanced"] == codes(found)
    assert 6 == found.report.problems[0].place.line
    assert not found.report.complete


def test_pages_are_proved_one_by_one(read, statement, statements, entries, codes):
    """The pages of a statement have one name, go on counting, and say which is the last."""
    second = (
        statement(
            ENTRY, opening="C261031EUR105,00", closing="C261031EUR110,00", number=":28C:218/2"
        )
    ).replace(b":60F:", b":60M:")
    found = read(statement(ENTRY, closing="C261031EUR105,00", page="M") + second)
    pages = statements(found)

    assert [] == codes(found)
    assert {"2026/218"} == {page.statement for page in pages}
    assert [(1, False), (2, True)] == [(page.page, page.is_last_page) for page in pages]
    assert [1, 2] == [entry.index for entry in entries(found)]


@pytest.mark.parametrize(
    ("number", "sequence", "page", "name"),
    [
        (":28C:00218/001", 218, 1, "2026/218"),
        (":28C:218", 218, None, "218 2026-10-30"),
        (":28:218/2", 218, 2, "2026/218"),
        (":28C:0", None, None, "STARTUMS 2026-10-30"),
        (":28C:00000/001", None, 1, "STARTUMS 2026-10-30"),
        (":28C: /1", None, 1, "STARTUMS 2026-10-30"),
        (":28C:218/\r\n2", 218, 2, "2026/218"),
        (":28C:\r\n218/2", 218, 2, "2026/218"),
    ],
)
def test_numbers_of_statements(number, sequence, page, name, read, statement, statements):
    """Zero is no number; a number may be cut in two."""
    (found,) = statements(read(statement(number=number)))

    assert (sequence, page, name) == (found.sequence, found.page, found.statement)


def test_a_number_that_is_none_is_a_warning(read, statement, codes):
    """The number of a statement proves nothing by itself."""
    found = read(statement(number=":28C:A/B"))

    assert ["mt940.number-invalid"] == codes(found)
    assert found.report.complete


@pytest.mark.parametrize(
    ("written", "account"),
    [
        ("20041111/301086000EUR", "20041111/301086000"),
        ("NL10BANK2290325473 EUR", "NL10BANK2290325473"),
        ("1291.99.348EUR", "1291.99.348"),
        ("//AT39364/12345678912/EUR", "AT39364/12345678912"),
        ("DE89370400440532013000 ", "DE89370400440532013000"),
    ],
)
def test_the_currency_is_no_part_of_an_account(written, account, read, statement, statements):
    """Some banks write the currency behind the account."""
    assert account == statements(read(statement(account=written)))[0].account


def test_later_balances(read, statement, statements, codes):
    """Available and forward balances are kept; one that cannot be read is a warning."""
    content = statement().replace(b"-\r\n", b":64:C261031EUR90,00\r\n:65:Dnull1,0\r\n-\r\n")
    found = read(content)

    assert ["amount.invalid"] == codes(found)
    assert found.report.complete
    assert ["OPBD", "CLBD", "CLAV"] == [one.type for one in statements(found)[0].balances]


@pytest.mark.parametrize(
    ("before", "between"),
    [
        (b"", b""),
        (b"ABNANL2A\r\n940\r\nABNANL2A\r\n", b"ABNANL2A\r\n940\r\nABNANL2A\r\n"),
        (b"0000 01INGBNL2AXXXX00001\r\n940 00\r\n", b"-XXX\r\n"),
        (b":940:\r\n", b"\r\n\r\n"),
        (
            b"\xef\xbb\xbf{1:F01BANKNL2HAXXX0000000000}{2:I940BANK}{4:\r\n",
            b"{1:F01}{2:I940}{4:\r\n",
        ),
        (b"An example\r\n- - - -\r\n", b"2. Another example\r\n"),
    ],
)
def test_what_stands_around_messages(before, between, read, statement, statements, codes):
    """Headers of banks and of SWIFT, end marks and remarks are no part of a statement."""
    found = read(before + statement() + between + statement(number=":28C:219/1"))

    assert [] == codes(found)
    assert [218, 219] == [one.sequence for one in statements(found)]


def test_messages_without_an_end_mark(read, statement, statements, codes):
    """A reference begins the next message where the one before is closed."""
    one = statement(ENTRY, closing="C261031EUR105,00").replace(b"-\r\n", b"")
    found = read(one + one)

    assert [] == codes(found)
    assert 2 == len(statements(found))


def test_a_copy_says_so(read, statement, statements):
    """The trailer of SWIFT says that a message may have come before (from memory, unverified)."""
    content = statement().replace(b"-\r\n", b"-}{5:{CHK:123456789ABC}{PDM:}}\r\n")

    assert statements(read(content))[0].is_copy


@pytest.mark.parametrize(
    "line", ["-ID:DE21ZTZ", ":20:15 hours", ":25:15", ":13:15", ":26:37", ":86", "{x"]
)
def test_text_may_look_like_a_tag(line, read, statement, entries, codes):
    """A tag that cannot stand in the information of an entry is text: a time that was cut."""
    content = statement(ENTRY, ":86:999paid at 12", line, "and more", closing="C261031EUR105,00")
    found = read(content)

    assert [] == codes(found)
    assert line in entries(found)[0].raw
    assert "and more" in entries(found)[0].details[0].remittance.text[0]


def test_a_message_that_begins_before_the_other_ends(read, statement, statements, codes):
    """A reference with another field of a head below it begins a message in any case."""
    torn = statement(ENTRY).split(b":62F:")[0]
    found = read(torn + statement(number=":28C:219/1"))

    assert ["statement.incomplete"] == codes(found)
    assert [218, 219] == [one.sequence for one in statements(found)]


def test_line_ends_of_home_banking(read, statement, statements, entries, codes):
    """Two at signs end a line where a file has them."""
    content = b"@@" + statement(ENTRY, closing="C261031EUR105,00").replace(b"\r\n", b"@@")
    found = read(content)

    assert [] == codes(found)
    assert (1, 1) == (len(statements(found)), len(entries(found)))


@pytest.mark.parametrize("encoding", ["cp850", "cp1252", "utf-8"])
def test_encodings(encoding, read, statement, entries):
    """Umlauts are read in the encoding that is declared, and found out in two of them."""
    content = statement(ENTRY, ":86:166?20SVWZ+Gebühr?32Müller").decode().encode(encoding)
    declared = {"encoding": encoding} if encoding == "cp850" else {}

    assert "Müller" == entries(read(content, **declared))[0].details[0].payer.name


def test_several_balances_after_one_another(read, statement, statements, codes):
    """A message may go on with another opening balance of the same account."""
    more = b":60F:C261031EUR100,00\r\n:62F:C261101EUR100,00\r\n-\r\n"
    found = read(statement().replace(b"-\r\n", more))

    assert [] == codes(found)
    assert 1 == len({one.account for one in statements(found)})
    assert 2 == len(statements(found))
