"""Activities as files that a CRM imports."""

import csv
import datetime as dt
import io

import attrs
import pytest

from receivables.contacts import Activity, ActivityKind
from receivables.errors import DocumentError

_CALL = Activity(
    activity="call:C-017:1",
    customer="C-017",
    kind=ActivityKind.CALL,
    subject="Called",
    body="she pays\non Friday",
    outcome="promise",
    entry="003",
    at=dt.datetime(2026, 10, 5, 9, 0, tzinfo=dt.UTC),
)


@pytest.fixture
def write(specs):
    """Write activities with one directory whose accounts are known."""

    def _write(name, *activities, **settings):
        directory = specs[name].build({"mapping": {"A-1": "C-017"}, **settings})
        return {
            file: list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
            for file, content in directory.write(activities)
        }

    return _write


_FILES = {
    "salesforce": ("Task.csv", "WhatId", "Subject", "Receivables_Key__c"),
    "hubspot": ("calls.csv", "Company record ID", "hs_call_title", "Receivables key"),
    "dynamics": ("phonecall.csv", "regardingobjectid", "subject", "new_receivableskey"),
}


@pytest.mark.parametrize("name", _FILES)
def test_a_call_names_its_account_and_its_key(write, name):
    """The record belongs to the customer's account, and keeps the activity's own name."""
    file, account, subject, key = _FILES[name]
    (row,) = write(name, _CALL)[file]

    assert (row[account], row[subject], row[key]) == ("A-1", "Called", "call:C-017:1")


def test_an_account_is_written_as_the_system_writes_it(specs, exports, mapped):
    """What was read last says the account, with all of its signs."""
    directory = specs["salesforce"].build(mapped["salesforce"])
    files = {name: io.BytesIO(each) for name, each in exports["salesforce"].items()}
    directory.read(files).collect()
    [(_, content)] = directory.write([_CALL])

    assert b"0015500000Ygpq1AAB" in content


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " ="])
def test_no_cell_is_a_formula(write, start):
    """What a spreadsheet would run begins with an apostrophe."""
    (row,) = write("salesforce", attrs.evolve(_CALL, subject=f"{start}cmd"))["Task.csv"]

    assert row["Subject"].startswith("'")


def test_card_numbers_do_not_leave(write):
    """A card number in a note is masked."""
    (row,) = write("hubspot", attrs.evolve(_CALL, body="4111 1111 1111 1111"))["calls.csv"]

    assert row["hs_call_body"] == "************1111"


def test_the_same_activity_stands_once(write):
    """Given twice it is one row; with another content it is refused."""
    assert len(write("dynamics", _CALL, attrs.evolve(_CALL))["phonecall.csv"]) == 1
    with pytest.raises(DocumentError, match="same each time"):
        write("dynamics", _CALL, attrs.evolve(_CALL, subject="other"))


def test_a_customer_without_an_account_is_refused(write):
    """Nothing is written to an account that is guessed."""
    with pytest.raises(DocumentError, match="C-9"):
        write("salesforce", attrs.evolve(_CALL, customer="C-9"))


@pytest.mark.parametrize("name", _FILES)
@pytest.mark.parametrize("kind", ActivityKind)
def test_what_is_written_is_read_again(write, specs, name, kind):
    """Every kind comes back with its name, its customer and its text, where the CRM gave it an id."""
    activity = attrs.evolve(_CALL, kind=kind)
    ((file, rows),) = write(name, activity).items()
    rows = [
        {
            **row,
            {"salesforce": "Id", "hubspot": "hs_object_id", "dynamics": "activityid"}[name]: "1",
        }
        for row in rows
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    directory = specs[name].build({"mapping": {"A-1": "C-017"}})
    collected = directory.read({file: io.BytesIO(text.getvalue().encode())}).collect()
    (back,) = collected.rows

    assert collected.report.complete
    assert (back.activity, back.customer) == (activity.activity, "C-017")
    assert "she pays\non Friday" in back.body
