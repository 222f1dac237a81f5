"""One node of each type, as Ada has them; her house is private, so Cleo sees none of it."""

from tests.cast import Actor, Cast

# Each root field that finds one thing by its id, and what it finds.
LOOKUPS = {"house": "House", "room": "Room", "talk": "Talk"}


async def make_nodes(cast: Cast, visibility: str = "PRIVATE") -> dict[str, str]:
    """Give the id of one node of each type."""
    house = await cast.ada.create_house("Engine", visibility)
    room = await cast.ada.create_room(house)
    talk = await cast.ada.post_talk(room)
    found = await cast.ada.ask(
        f'{{ viewer {{ id }} sessions {{ nodes {{ id }} }} house(id: "{house}") {{ members {{ nodes {{ id }} }} }} }}'
    )
    return {
        "User": found["viewer"]["id"],
        "Session": found["sessions"]["nodes"][0]["id"],
        "House": house,
        "Member": found["house"]["members"]["nodes"][0]["id"],
        "Room": room,
        "Talk": talk,
    }


async def database_id(actor: Actor, node_id: str) -> int:
    """Give the number of a node."""
    document = "query($id: ID!) { node(id: $id) { databaseId } }"
    return (await actor.ask(document, id=node_id))["node"]["databaseId"]
