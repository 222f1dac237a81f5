"""GraphiQL in two tabs of one browser: what is posted in one appears in the other."""

import json
import os
from pathlib import Path

import pytest

from tests.browser.conftest import Visit
from tests.cast import Cast

pytestmark = pytest.mark.tools

LISTEN = """
subscription Listen {
  houseEvents(houseId: "%s", after: "%s") {
    __typename
    time
    ... on TalkPosted { talk { seq content creator { username } } }
  }
}
""".strip()
POST = """
mutation Post {
  postTalk(input: {roomId: "%s", content: "%s"}) {
    talk { seq content }
  }
}
""".strip()


async def test_what_one_tab_posts_appears_in_the_tab_that_listens(
    visit: Visit, cast: Cast, tmp_path: Path
) -> None:
    house = await cast.ada.create_house("The Analytical Engine")
    room = await cast.ada.create_room(house)
    await cast.ben.join(house)
    cursor = (await cast.ada.ask("query($id: ID!) { house(id: $id) { cursor } }", id=house))["house"][
        "cursor"
    ]
    writer = Visit(await visit.page.context.new_page(), visit.origin)
    await writer.page.goto(f"{visit.origin}/graphql")
    await visit.write_headers(json.dumps(cast.ada.headers))
    await writer.write_headers(json.dumps(cast.ben.headers))

    await visit.run(LISTEN % (house, cursor))
    # When the first is there, the tab listens: the second comes as it happens.
    for seq, content in enumerate(("Hello from the other tab", "And once more"), 1):
        await writer.run(POST % (room, content))
        await writer.result(holds=content)
        event = json.loads(await visit.result(holds=content))["data"]["houseEvents"]
        assert event["__typename"] == "TalkPosted"
        assert event["talk"] == {"seq": seq, "content": content, "creator": {"username": "ben"}}
    await visit.page.screenshot(path=os.environ.get("CHATGRAPH_SCREENSHOT") or tmp_path / "live.png")
    assert visit.strays == []
    assert visit.complaints == []
