"""A local cluster for the tests of this folder: one Java machine of two cores, started here and stopped here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_HERE = Path(__file__).parent

_SETTINGS = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    # Nothing here runs long enough for the best machine code to pay.
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # What is asked of a few rows is done by tasks all the same, and not while it is being planned.
    "spark.sql.leafNodeDefaultParallelism": "2",
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.ConvertToLocalRelation",
    # Where each column was written costs half of the time in which a question is put together.
    "spark.python.sql.dataFrameDebugging.enabled": "false",
}

_DELIVERED = {
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.codegen.factoryMode": "FALLBACK",
    "spark.sql.codegen.wholeStage": "true",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip this folder where Java or PySpark is missing, and keep it on one worker."""
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.needs("java", "pyspark"))
            item.add_marker(pytest.mark.xdist_group("spark"))


@pytest.fixture
def as_delivered(spark: Any) -> Iterator[None]:
    """Spark as it is delivered: plans that change on the way, and Java written for each question."""
    for name, value in _DELIVERED.items():
        spark.conf.set(name, value)
    yield
    for name in _DELIVERED:
        spark.conf.set(name, _SETTINGS[name])


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session on a local cluster of two cores, whose files lie in a temporary folder."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  # a part that may be missing

    folder = tmp_path_factory.mktemp("spark")
    builder = SparkSession.builder.master("local[2]").appName("receivables")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    builder = builder.config("spark.local.dir", str(folder / "local"))
    builder = builder.config("spark.sql.warehouse.dir", str(folder / "warehouse"))
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()
