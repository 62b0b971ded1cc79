"""The three writers are held to what every report writer must do."""

from __future__ import annotations

import pytest

from receivables.plugins import load_plugins
from receivables.testing.report_writer import ReportWriterTests
from receivables_plugins import reports

_SPECS = {spec.name: spec for spec in reports.receivables_report_writers()}


class TestCsv(ReportWriterTests):
    @pytest.fixture
    def spec(self):
        return _SPECS["aging-csv"]

    @pytest.fixture
    def look(self, look_csv):
        return look_csv


@pytest.mark.needs("xlsxwriter", "openpyxl")
class TestExcel(ReportWriterTests):
    @pytest.fixture
    def spec(self):
        return _SPECS["excel"]

    @pytest.fixture
    def look(self, look_excel):
        return look_excel


class TestHtml(ReportWriterTests):
    @pytest.fixture
    def spec(self):
        return _SPECS["html"]

    @pytest.fixture
    def look(self, look_html):
        return look_html


@pytest.mark.needs("xlsxwriter")
def test_hook_can_be_asked_again():
    """Building a writer leaves the hook as it was: a second manager gets the same writers."""
    first = [spec.build() for spec in reports.receivables_report_writers()]
    second = [spec.build() for spec in reports.receivables_report_writers()]

    assert [type(writer) for writer in second] == [type(writer) for writer in first]


def test_plugin_loads_through_the_door():
    """The plug-in registers with a plug-in manager, and each writer is found by its name."""
    plugins = load_plugins(only=[], extra={"reports": reports})

    assert list(plugins.adapters["report-writer"]) == ["aging-csv", "excel", "html"]
    assert plugins.build("report-writer", "html").suffix == ".html"
