"""The whole world once, end to end."""

from tests.cast import Cast


async def test_people_found_a_house_open_a_room_and_talk(cast: Cast) -> None:
    house = await cast.ada.create_house()
    room = await cast.ada.create_room(house)
    await cast.ben.post_talk(room, "Hi Ada")
    data = await cast.ada.ask(
        "query($id: ID!) { room(id: $id) { talks(last: 5) { nodes { seq content creator { username } } } } }",
        id=room,
    )
    assert data["room"]["talks"]["nodes"] == [{"seq": 1, "content": "Hi Ada", "creator": {"username": "ben"}}]
