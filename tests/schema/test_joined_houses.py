"""The houses that somebody belongs to: a list that nobody else can put a house into, or spoil."""

import pytest

from tests.cast import Cast, Refused

pytestmark = pytest.mark.asyncio(loop_scope="module")

JOINED = """query($last: Int, $before: String) { houses(joined: true, last: $last, before: $before) {
    nodes { id viewerRole rooms { nodes { title } } } pageInfo { startCursor hasPreviousPage } } }"""


async def test_only_houses_that_the_viewer_belongs_to_are_listed_page_by_page(company: Cast) -> None:
    ben = await company.newcomer()
    assert (await ben.ask(JOINED, last=1))["houses"]["nodes"] == []
    own = await ben.create_house("Own", "PRIVATE")
    await company.ada.create_house("Elsewhere")
    joined, left = [await company.ada.create_house(name) for name in ("Joined", "Left")]
    for house in (joined, left):
        await ben.join(house)
        await company.ada.create_room(house, "Hall")
    await ben.do("leaveHouse", "house { id }", houseId=left)
    newest = (await ben.ask(JOINED, last=1))["houses"]
    hall = {"nodes": [{"title": "Hall"}]}
    assert newest["nodes"] == [{"id": joined, "viewerRole": "MEMBER", "rooms": hall}]
    assert newest["pageInfo"]["hasPreviousPage"]
    before = (await ben.ask(JOINED, last=5, before=newest["pageInfo"]["startCursor"]))["houses"]
    assert [node["id"] for node in before["nodes"]] == [own]
    assert not before["pageInfo"]["hasPreviousPage"]


async def test_a_ban_in_a_house_of_somebody_else_does_not_spoil_it(company: Cast) -> None:
    ben, mallory = await company.newcomer(), await company.newcomer("mallory")
    own, shut = await ben.create_house("Own"), await mallory.create_house("Shut")
    await ben.join(shut)
    await mallory.ban(ben, shut)
    assert [node["id"] for node in (await ben.ask(JOINED, last=9))["houses"]["nodes"]] == [own]


async def test_strangers_belong_nowhere(company: Cast) -> None:
    with pytest.raises(Refused) as refused:
        await company.stranger.ask(JOINED, last=1)
    assert refused.value.code == "UNAUTHENTICATED"
