"""Everybody gets what the table says, of every field, mutation and path, in both worlds: no more and no less."""

import pytest

from chatgraph.schema.schema import SCHEMA
from tests.permissions.judge import Report, judge
from tests.permissions.scene import Scene
from tests.permissions.table import TABLE

pytestmark = pytest.mark.asyncio(loop_scope="package")


@pytest.mark.parametrize("section", dict.fromkeys(row.section for row in TABLE.values()))
async def test_everybody_gets_what_the_table_says_of(section: str, scene: Scene, report: Report) -> None:
    rows = [row for row in TABLE.values() if row.section == section]
    found = await judge(scene, SCHEMA._schema, rows)
    report.add(found)
    assert found.cells == 14 * len(rows)
    assert not found.wrong, "\n".join(["", str(found), *map(str, found.wrong)])
