"""The permission matrix that the table refines, as it was laid down, and which rows each of its lines is about."""

from tests.permissions.table import Row

ACTORS = ("AN", "NM", "ME", "MO", "OW", "BA")

# Cells as they were laid down, and the rows that they are the law for.
LAW = {
    # house in lists, house(id), node
    "401 y y y y y | 401 0 y y y 0": "Query.house, Query.houses, Query.node(House), Query.nodes(House), GET house/list, House.name",
    # members, rooms, talks, talk(id), edges
    "401 y y y y - | 401 0 y y y 0": "House.members, House.rooms, Room.talks, Subscription.houseEvents, Subscription.roomEvents, Query.room, Query.talk, Query.rooms, "
    "Query.talks, Query.rooms(houseId), Query.talks(roomId), Query.node(Room), Query.node(Talk), Query.node(Member), "
    "Query.nodes(Room), Query.nodes(Talk), Query.nodes(Member), Room.house, Room.creator, Talk.room, Talk.creator, "
    "Member.house, Member.user, GET room/list, GET talk/list, GET room/list?house_id, GET talk/list?room",
    # join
    "401 j = = = - | 401 0 = = = 0": "Mutation.joinHouse",
    # create room, post
    "401 j y y y - | 401 0 y y y 0": "Mutation.createRoom, Mutation.postTalk, POST room/new",
    # edit talk
    "401 - own own own - | 401 0 own own own 0": "Mutation.editTalk",
    # remove talk; update or archive room
    "401 - own y y - | 401 0 own y y 0": "Mutation.removeTalk, Mutation.updateRoom, Mutation.archiveRoom",
    # delete room; update, transfer, delete house; grant roles
    "401 - - - y - | 401 0 - - y 0": "Mutation.deleteRoom, Mutation.updateHouse, Mutation.deleteHouse, "
    "Mutation.transferHouse, Mutation.setRole",
    # invites; mute, remove, ban, unban, list of bans, audit log (those on people: on lower ranks)
    "401 - - y y - | 401 0 - y y 0": "Mutation.createInvite, Mutation.revokeInvite, House.invites, Mutation.muteMember, "
    "Mutation.unmuteMember, Mutation.removeMember, Mutation.banUser, Mutation.unbanUser, House.bans, House.auditLog, "
    "Query.node(Invite), Query.node(Ban), Query.node(AuditEntry)",
    # leave
    "401 - y y - - | 401 0 y y - 0": "Mutation.leaveHouse",
}


def follows(law: str, row: Row) -> list[str]:
    """
    Name the cells of a row that aren't as the law has them.

    A list that leaves out what can't be seen does what the law calls not found, or what it forbids; what is done to
    people is done to lower ranks.
    """
    same = {"x": ("0", "-"), "<": ("y",)}
    bent = []
    for world, column in zip(("public", "private"), law.split("|"), strict=True):
        for actor, due in zip(ACTORS, column.split(), strict=True):
            code = row.cells[world, actor]
            if due not in same.get(code, (code,)):
                bent.append(f"{actor} in the {world} world: the law says {due}, the table {code}")
    return bent
