"""What the tests of fitting share: the sets of the shared folder, prepared as it says."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn")
pd = pytest.importorskip("pandas")

from receivables.fitting.tables import read_table  # noqa: E402  # needs the modules above


@pytest.fixture(scope="session")
def credit(root):
    """The folder of the credit sets."""
    folder = root.parent / "shared" / "corpora" / "credit"
    if not folder.is_dir():
        pytest.skip("shared corpora are not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def polish_raw(credit):
    """The Polish set of failures within a year as it is, columns named X1 to X64."""
    with (credit / "polish_5year.arff").open(encoding="utf-8") as text:
        frame = read_table(text, name="polish.arff")
    frame.columns = [*(f"X{n}" for n in range(1, 65)), "failed"]
    return frame


@pytest.fixture(scope="session")
def polish(polish_raw):
    """The set with its leak removed: no duplicates, no ratios with many gaps, complete rows only."""
    frame = polish_raw.drop_duplicates()
    gaps = frame.isna().mean()
    leaking = {"X21", "X27", "X37"}
    kept = [name for name in frame.columns if gaps[name] <= 0.01 and name not in leaking]
    return frame[kept].dropna().reset_index(drop=True)


@pytest.fixture(scope="session")
def german(credit):
    """The German set of good and bad credits."""
    with (credit / "german_credit.csv").open(encoding="utf-8") as text:
        return read_table(text, name="german.csv")
