"""The public audits of GraphQL over HTTP (`graphql-http`), all of them, against a real server."""

import pytest

from tests.clients.node import closing, run
from tests.conftest import Server

pytestmark = pytest.mark.tools


async def test_the_endpoint_passes_every_audit_of_graphql_over_http(server: Server) -> None:
    printed = await run("audit.mjs", f"{server.url}/graphql")
    counts = closing(printed)
    assert counts["total"] >= 61
    assert counts == {"total": counts["total"], "ok": counts["total"], "notice": 0, "warn": 0, "error": 0}, (
        printed
    )


async def test_the_audits_fail_where_there_is_no_graphql(server: Server) -> None:
    counts = closing(await run("audit.mjs", f"{server.url}/healthz"))
    assert counts["error"] > 0
    assert counts["ok"] < counts["total"]
