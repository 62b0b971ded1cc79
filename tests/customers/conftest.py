"""A register with one customer in it, and moments that follow each other."""

from __future__ import annotations

import datetime as dt

import pytest

from receivables.customers import CustomerRegister
from receivables.parties import Address, Contact, Customer, Identifier

_START = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


@pytest.fixture
def at():
    """A moment so many minutes after the register began."""
    return lambda minute=0: _START + dt.timedelta(minutes=minute)


@pytest.fixture
def ana():
    """Somebody who works at a customer."""
    return Contact(name="Ana Díaz", email="ana@norte.example", phone="+34 600 123 456")


@pytest.fixture
def norte(ana):
    """A customer with everything that a policy asks for."""
    return Customer(
        customer="C-017",
        name="Aceros del Norte, S.L.",
        locale="es-ES",
        country="ES",
        address=Address(lines=["Calle Mayor 1"], postal_code="48001", city="Bilbao", country="ES"),
        contacts=[ana],
        identifiers=[Identifier("es.cif", "B58378431")],
        ibans=["ES9121000418450200051332"],
        terms="net 30",
    )


@pytest.fixture
def register(norte, at):
    """A register that took that customer over on the first of January."""
    return CustomerRegister().take_over(
        [norte], on=dt.date(2026, 1, 1), at=at(), by="L. Roy", source="opening of the books"
    )


@pytest.fixture
def propose(at):
    """Propose a record as it is to be, by M. Diaz."""

    def _propose(register, customer, name="P-1", minute=1, **values):
        said = {"by": "M. Diaz", "why": "the customer asked", "on": dt.date(2026, 12, 1), **values}
        made = register.proposed(customer, proposal=name, at=at(minute), **said)
        return register.propose(made)

    return _propose
