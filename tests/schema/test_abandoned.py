"""What an answer doesn't wait for any more reads nothing once the answer is given, and holds nothing."""

import pytest

from chatgraph.operations import accounts
from chatgraph.visits import VisitEnded
from tests.cast import Cast, Refused
from tests.conftest import Server
from tests.live.wires import until
from tests.schema.crowd import viewer_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

# The page is refused while what is below the house is about to be asked for.
REFUSED = (
    "query ($room: ID!) {{ room(id: $room) {{ house {{ {} }} talks(first: 500) {{ nodes {{ id }} }} }} }}"
)
BELOW = [
    "rooms { nodes { id } }",
    "members { nodes { user { id } } }",
    'explain(userId: "VXNlcjox", permission: CREATE_ROOM) { allowed }',
]


@pytest.mark.parametrize("below", BELOW)
async def test_what_is_asked_for_in_vain_holds_no_reader(standing: Server, company: Cast, below: str) -> None:
    readers = standing.chat.database.readers
    room = await company.ada.create_room(await company.ada.create_house())
    for _ in range(readers.most):
        with pytest.raises(Refused, match="`first` must be 1 to 100"):
            await company.ada.ask(REFUSED.format(below), room=room)
    assert (await company.ada.ask("{ viewer { username } }"))["viewer"] == {"username": "ada"}
    await until(lambda: readers.in_use == 0)  # the look-out may be reading just now


async def test_nothing_is_read_in_a_visit_that_has_ended(standing: Server, company: Cast) -> None:
    async with standing.chat.visit(viewer_of(company.ada)) as visit:
        await visit.ask(accounts.load_users, [1])
    with pytest.raises(VisitEnded):
        await visit.ask(accounts.load_users, [1])
    await until(lambda: standing.chat.database.readers.in_use == 0)
