"""Automatic persisted queries, spoken by Apollo Client and urql as they come."""

import pytest

from tests.clients.node import closing, run
from tests.conftest import Server

pytestmark = pytest.mark.tools


async def test_apollo_and_urql_send_a_document_once_and_its_hash_from_then_on(server: Server) -> None:
    posts = [["POST", "hash", 200], ["POST", "document", 200], ["POST", "hash", 200], ["POST", "hash", 200]]
    gets = [["GET", "hash", 200], ["POST", "document", 200], ["GET", "hash", 200], ["GET", "hash", 200]]
    forced = [
        ["GET", "document", 200] if sent == "document" else [how, sent, status] for how, sent, status in gets
    ]
    seen = closing(await run("persisted.mjs", server.url))
    assert seen == {"apollo": posts, "apolloByGet": gets, "urql": posts, "urqlByGet": forced}
