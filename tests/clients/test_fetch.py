"""A client that has nothing but Node's `fetch`: what somebody writes who reads the schema alone."""

import pytest

from tests.clients.node import closing, run
from tests.conftest import Server

pytestmark = pytest.mark.tools


async def test_plain_fetch_posts_a_thousand_talks_and_pages_through_them_both_ways(server: Server) -> None:
    assert closing(await run("session.mjs", server.url)) == {
        "viewer": "nora",
        "role": "OWNER",
        "pages": [10, 10],
        "talks": 1000,
        "lastSeq": 1000,
        "retry": {"replayed": True, "same": True},
        "edited": {"content": "again", "stamped": True},
        "tombstone": {"same": True, "content": None},
        "beginning": [1, 2, 3],
        "rotated": True,
    }
