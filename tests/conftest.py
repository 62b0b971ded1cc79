"""What every test may use: the root of the project, and a mark for parts a machine may lack."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Threads of OpenMP spin while they wait, which costs minutes where two workers share two cores; said
# before anything loads them.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# A machine that is busy with something else is no fault of a strategy.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("everyday", _PATIENT, max_examples=50)
settings.register_profile("nightly", _PATIENT, max_examples=2_000)

_PROGRAMS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "hledger": ("hledger",),
    "java": ("java",),
    "pdftotext": ("pdftotext",),
    "soffice": ("soffice",),
}
"""Programs by the name that tests use, and what they are called where they are installed."""

_FONTS = {"liberation": Path("/usr/share/fonts/truetype/liberation")}
"""Fonts by the name that tests use, and where a Debian package puts them."""

_MISSING_PART = ("needs ", "could not import")
"""How the reason of a skip begins where a part is missing, by the mark or by `importorskip`."""


@pytest.fixture(scope="session")
def root() -> Path:
    """The root of the project."""
    return Path(__file__).resolve().parent.parent


def pytest_configure(config: pytest.Config) -> None:
    """Draw few examples, unless ``--hypothesis-profile=nightly`` asks for many."""
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("everyday")


def _is_there(part: str) -> bool:
    if part in _FONTS:
        return _FONTS[part].is_dir()
    if part in _PROGRAMS:
        return any(shutil.which(program) for program in _PROGRAMS[part])
    return importlib.util.find_spec(part) is not None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose mark ``needs`` names a program or a module that is not there."""
    for mark in item.iter_markers("needs"):
        if missing := [part for part in mark.args if not _is_there(part)]:
            pytest.skip(f"needs {', '.join(missing)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Fail, where ``CI=true``, what is skipped for a missing part: nothing proves it there."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple) and os.environ.get("CI") == "true":
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason.startswith(_MISSING_PART):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} must not be skipped where CI=true, got: {reason}"
    return report
