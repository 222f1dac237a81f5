"""Acknowledged means stored, also when the server is killed in the middle of it."""

from pathlib import Path

import pytest

from tests.faults.findings import Findings
from tests.faults.kill import Report, kill_again_and_again

CARELESS = ("-m", "tests.faults.careless", "serve")


async def test_a_killed_server_lost_nothing_it_acknowledged(tmp_path: Path) -> None:
    expect_every_promise_kept(await kill_again_and_again(tmp_path, cycles=2, clients=16))


@pytest.mark.tools
async def test_a_server_killed_twenty_times_under_load_lost_nothing(tmp_path: Path) -> None:
    expect_every_promise_kept(await kill_again_and_again(tmp_path, cycles=20, clients=64))


@pytest.mark.tools
async def test_a_server_that_answers_before_the_commit_is_caught(tmp_path: Path) -> None:
    report = await kill_again_and_again(tmp_path, cycles=2, clients=32, load=(0.2, 0.6), command=CARELESS)
    assert report.faults != Findings()
    assert report.faults.lost + report.faults.retries_broken > 0


def expect_every_promise_kept(report: Report) -> None:
    assert report.faults == Findings()
    assert report.stored == report.acknowledged == report.sent > 0
