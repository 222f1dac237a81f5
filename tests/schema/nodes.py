"""One node of each type, as Ada has them; her house is private, so Cleo sees none of it."""

from tests.cast import Actor, Cast

# Each root field that finds one thing by its id, and what it finds.
LOOKUPS = {"house": "House", "room": "Room", "talk": "Talk"}


async def make_nodes(cast: Cast, visibility: str = "PRIVATE") -> dict[str, str]:
    """Give the id of one node of each type."""
    house = await cast.ada.create_house("Engine", "PRIVATE", acceptsJoinRequests=True)
    request = await cast.ben.ask_to_join(house)
    room = await cast.ada.create_room(house)
    talk = await cast.ada.post_talk(room)
    invite, _ = await cast.ada.invite(house)
    ban = await cast.ada.ban(await cast.newcomer(), house)
    made = {"visibility": visibility, "acceptsJoinRequests": False}
    await cast.ada.do("updateHouse", "house { id }", houseId=house, **made)
    found = await cast.ada.ask(
        """query($id: ID!) { viewer { id } sessions { nodes { id } }
            house(id: $id) { members { nodes { id } } auditLog { nodes { id } } } }""",
        id=house,
    )
    return {
        "User": found["viewer"]["id"],
        "Session": found["sessions"]["nodes"][0]["id"],
        "House": house,
        "Member": found["house"]["members"]["nodes"][0]["id"],
        "Room": room,
        "Talk": talk,
        "Ban": ban,
        "Invite": invite,
        "JoinRequest": request,
        "AuditEntry": found["house"]["auditLog"]["nodes"][0]["id"],
    }


async def database_id(actor: Actor, node_id: str) -> int:
    """Give the number of a node."""
    document = "query($id: ID!) { node(id: $id) { databaseId } }"
    return (await actor.ask(document, id=node_id))["node"]["databaseId"]
