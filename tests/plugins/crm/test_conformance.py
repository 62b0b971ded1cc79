"""The three directories keep the contract of contact directories."""

from __future__ import annotations

import pytest

from receivables.testing.contact_directory import ContactDirectoryTests, DirectorySample
from receivables_plugins.crm import receivables_contact_directories


def _spec(name):
    return next(spec for spec in receivables_contact_directories() if spec.name == name)


class TestSalesforce(ContactDirectoryTests):
    """The checks that every directory passes, on exports of Salesforce."""

    @pytest.fixture
    def spec(self):
        return _spec("salesforce")

    @pytest.fixture
    def sample(self, exports, mapped):
        return DirectorySample(
            files=exports["salesforce"],
            contacts={
                "ana@norte.example": "0042",
                "zoe@roy.example": "C-017",
                "kim@roy.example": "C-017",
            },
            activities=3,
            opted_out=["zoe@roy.example"],
            problems={"salesforce.account-unmapped", "salesforce.role-unknown"},
            settings=mapped["salesforce"],
        )


class TestHubspot(ContactDirectoryTests):
    """The checks that every directory passes, on exports of HubSpot."""

    @pytest.fixture
    def spec(self):
        return _spec("hubspot")

    @pytest.fixture
    def sample(self, exports, mapped):
        return DirectorySample(
            files=exports["hubspot"],
            contacts={"ana@norte.example": "0042", "zoe@roy.example": "C-017"},
            activities=2,
            opted_out=["zoe@roy.example"],
            settings=mapped["hubspot"],
        )


class TestDynamics(ContactDirectoryTests):
    """The checks that every directory passes, on exports of Dynamics."""

    @pytest.fixture
    def spec(self):
        return _spec("dynamics")

    @pytest.fixture
    def sample(self, exports, mapped):
        return DirectorySample(
            files=exports["dynamics"],
            contacts={
                "ana@norte.example": "0042",
                "zoe@roy.example": "C-017",
                "old@roy.example": "C-017",
            },
            activities=3,
            opted_out=["zoe@roy.example", "old@roy.example"],
            settings=mapped["dynamics"],
        )
