"""Three servers on one PostgreSQL behind nginx: whatever breaks, nothing is lost and nobody misses anything."""

from pathlib import Path

import pytest

from tests.faults.cluster import DISTURBANCES, disturb
from tests.faults.findings import Findings
from tests.faults.postgres import postgres_in


@pytest.mark.tools
@pytest.mark.postgresql
async def test_nothing_is_lost_and_nobody_misses_anything(tmp_path: Path) -> None:
    with postgres_in(tmp_path) as postgres:
        report = await disturb(tmp_path, postgres, [*DISTURBANCES], listeners=24, pause=1)
    assert report.faults == Findings()
    assert report.clean, report
    assert report.posted > 0
    assert report.told == report.posted * 24
