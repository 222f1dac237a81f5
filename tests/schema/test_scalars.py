"""Times are written in UTC, always with microseconds, wherever they come from."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from chatgraph.executor.leaves import Leaf
from chatgraph.schema.scalars import rfc3339
from chatgraph.schema.schema import SCHEMA

INDIA = timezone(timedelta(hours=5, minutes=30))

TIMES = [
    (datetime(2026, 1, 31, 12, 0, 5, 123456, UTC), "2026-01-31T12:00:05.123456Z"),
    (datetime(2026, 1, 31, 12, 0, 5, 0, UTC), "2026-01-31T12:00:05.000000Z"),
    (datetime(2026, 1, 31, 12, 0, 5, 10, UTC), "2026-01-31T12:00:05.000010Z"),
    (datetime(2026, 1, 1, 2, 0, 0, 0, INDIA), "2025-12-31T20:30:00.000000Z"),
    (datetime(1, 1, 1, 0, 0, 0, 1, UTC), "0001-01-01T00:00:00.000001Z"),
]
LEAF = Leaf(SCHEMA._schema.type_map["DateTime"])  # type: ignore[arg-type]


@pytest.mark.parametrize(("time", "written"), TIMES)
def test_a_time_is_written_in_utc_with_microseconds(time: datetime, written: str) -> None:
    assert rfc3339(time) == written


def test_many_times_are_written_as_each_is() -> None:
    assert LEAF.together is not None
    assert LEAF.together([time for time, _ in TIMES]) == [written for _, written in TIMES]
    assert LEAF.together([TIMES[0][0]] * 2) == [TIMES[0][1]] * 2
