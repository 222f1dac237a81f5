"""The guide's line for curl: events come as they happen."""

import asyncio
import json
import os
import re
import shutil

import pytest

from tests.clients.live.conftest import GUIDES, Stage

pytestmark = pytest.mark.tools


async def test_curl_shows_events_as_they_come(stage: Stage) -> None:
    if shutil.which("curl") is None:
        pytest.fail("curl is missing: install it.")
    [line] = [
        sh for sh in re.findall(r"```sh\n(.+?)```", GUIDES[0].read_text("utf-8"), re.DOTALL) if "curl" in sh
    ]
    ada = stage.cast.ada
    given = {"URL": f"{stage.server.url}/graphql", "TOKEN": ada.token or "", "HOUSE": stage.house}
    curl = await asyncio.create_subprocess_shell(
        f"exec {line}", env=os.environ | given, stdout=asyncio.subprocess.PIPE
    )
    assert curl.stdout is not None
    try:
        async with asyncio.timeout(30):
            assert await curl.stdout.readline() == b":\n"
            for kind in ("RoomCreated", "TalkPosted"):
                await (ada.create_room(stage.house) if kind == "RoomCreated" else ada.post_talk(stage.room))
                while not (told := await curl.stdout.readline()).startswith(b"data: "):
                    pass
                assert json.loads(told[6:])["data"]["houseEvents"]["__typename"] == kind
    finally:
        curl.kill()
        await curl.communicate()
