"""A house with one user in a standing of choice, kept in one transaction without asking anybody."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from chatgraph.chat import Chat
from chatgraph.models import Rank, Visibility
from chatgraph.schema.ids import global_id
from chatgraph.store import bans, houses, join_requests, members, rooms, talks
from chatgraph.store.rows import Connection
from chatgraph.viewer import Viewer

# What somebody is in a house, and their rank there.
STANDINGS = {
    "stranger": None,
    "banned": None,
    "member": Rank.MEMBER,
    "muted": Rank.MEMBER,
    "moderator": Rank.MODERATOR,
    "muted moderator": Rank.MODERATOR,
    "owner": Rank.OWNER,
}
ROOMS = ("open", "archived", "locked")


class Stage(NamedTuple):
    """The ids of a house, of a room and a talk in it, of a plain member, and of somebody who asks to be let in."""

    house: str
    room: str
    talk: str
    fellow: str
    request: str


class People(NamedTuple):
    """Who is on the stage: *who* has the standing, *boss* owns the house or would, *fellow* is a member of it."""

    who: Viewer
    boss: Viewer
    fellow: Viewer
    asking: Viewer


async def set_stage(
    chat: Chat, people: People, standing: str, *, private: bool = False, own: bool = False, room: str = "open"
) -> Stage:
    """Make a house in which somebody has this *standing*; the room and the talk are their *own* or their fellow's."""
    who, boss, fellow, asking = (viewer.known() for viewer in people)
    rank = STANDINGS[standing]
    visibility = Visibility.PRIVATE if private else Visibility.PUBLIC
    maker = who if own else fellow

    async def change(db: Connection) -> Stage:
        now = datetime.now(UTC)
        house = await houses.add(db, "Engine", "", visibility, False, now)
        ranks = {boss: Rank.MODERATOR if rank is Rank.OWNER else Rank.OWNER, fellow: Rank.MEMBER, who: rank}
        for user, has in ranks.items():
            if has is not None:
                await members.add(db, house, user, has, now)
        if standing.startswith("muted"):
            await bans.mute(db, house, who, now + timedelta(hours=1))
        if standing == "banned":
            await bans.ban(db, house, who, boss, "", now, None)
        hall = await rooms.add(db, house, "Hall", "", maker, now)
        talk = await talks.add(db, hall.id, await rooms.next_seq(db, hall.id), "Hello", maker, None, now)
        if room != "open":
            await rooms.change(
                db, hall.id, **{{"archived": "archive_time", "locked": "lock_time"}[room]: now}
            )
        request = await join_requests.add(db, house, asking, "", now)
        return Stage(
            global_id("House", house),
            global_id("Room", hall.id),
            global_id("Talk", talk.id),
            global_id("User", fellow),
            global_id("JoinRequest", request.id),
        )

    return await chat.database.write(change)
