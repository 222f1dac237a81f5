"""The nouns as GraphQL shows them. Values are plain attributes; only edges to other nouns are resolved."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.schema.context import Info
from chatgraph.schema.enums import Role, Visibility, dress_role
from chatgraph.schema.ids import cursor, global_id
from chatgraph.schema.loaders import Part
from chatgraph.schema.pages import After, Before, Connection, First, Last, dress_page, read_window
from chatgraph.schema.scalars import BigInt


@strawberry.interface(description="Something that can be found again by its id (Relay's Node).")
class Node:
    id: strawberry.ID = strawberry.field(description="Unique among all nodes; opaque.")
    database_id: BigInt = strawberry.field(description="The number that the REST API calls its id.")


@strawberry.type(description="A person.")
class User(Node):
    username: str = strawberry.field(description="Their name: unique, in lower case (PRECIS, RFC 8265).")
    display_name: str = strawberry.field(description="What they like to be called.")
    create_time: datetime = strawberry.field(description="When they registered.")


@strawberry.type(description="One of the viewer's signed-in devices.")
class Session(Node):
    agent: str = strawberry.field(description="What signed in, in its own words (`User-Agent`).")
    create_time: datetime = strawberry.field(description="When it signed in.")
    use_time: datetime = strawberry.field(description="When it last refreshed its tokens.")
    expire_time: datetime = strawberry.field(description="When it ends if it isn't used before.")
    current: bool = strawberry.field(description="Whether it is the one that asks.")


@strawberry.type(description="A community: it has members, and rooms in which they talk.")
class House(Node):
    name: str = strawberry.field(description="Its name, 1 to 100 characters; others may have the same.")
    description: str = strawberry.field(description="What it is about, up to 1024 characters.")
    visibility: Visibility = strawberry.field(description="Who sees it.")
    create_time: datetime = strawberry.field(description="When it was founded.")
    member_count: int = strawberry.field(description="How many belong to it.")
    viewer_role: Role | None = strawberry.field(
        description="The viewer's role in it; null for who isn't a member."
    )
    cursor: str = strawberry.field(
        description="The position of its journal at the moment at which everything in this answer was read."
    )
    key: strawberry.Private[int]

    @strawberry.field(description="Its rooms, newest first.")
    async def rooms(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection["Room"]:
        window = read_window(f"rooms/{self.key}", first, after, last, before)
        return dress_rooms(await info.context.load.rooms.load(Part(self.key, window)), self.key)

    @strawberry.field(description="Its members, longest in the house first.")
    async def members(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection["Member"]:
        scope = f"members/{self.key}"
        window = read_window(scope, first, after, last, before)
        page = await info.context.load.members.load(Part(self.key, window))
        return dress_page(
            page, scope, [dress_member(member) for member in page.items], [one.id for one in page.items]
        )


@strawberry.type(description="A user in a house.")
class Member(Node):
    role: Role = strawberry.field(description="What they may do in it.")
    join_time: datetime = strawberry.field(description="When they joined.")
    house_key: strawberry.Private[int]
    user_key: strawberry.Private[int]

    @strawberry.field(description="The house.")
    async def house(self, info: Info) -> House:
        return dress_house(await info.context.load.house.load(self.house_key))

    @strawberry.field(description="The user.")
    async def user(self, info: Info) -> User:
        return dress_user(await info.context.load.user.load(self.user_key))


@strawberry.type(description="A conversation in a house, made of talks.")
class Room(Node):
    title: str = strawberry.field(description="Its title, 1 to 100 characters; others may have the same.")
    topic: str = strawberry.field(description="What is talked about, up to 1024 characters.")
    create_time: datetime = strawberry.field(description="When it was opened.")
    archive_time: datetime | None = strawberry.field(
        description="When it was closed for new talks; null while it is open."
    )
    last_seq: int = strawberry.field(description="The `seq` of its newest talk; 0 while it has none.")
    key: strawberry.Private[int]
    house_key: strawberry.Private[int]
    creator_key: strawberry.Private[int]

    @strawberry.field(description="The house it is in.")
    async def house(self, info: Info) -> House:
        return dress_house(await info.context.load.house.load(self.house_key))

    @strawberry.field(description="Who opened it.")
    async def creator(self, info: Info) -> User:
        return dress_user(await info.context.load.user.load(self.creator_key))

    @strawberry.field(description="Its talks, oldest first; `last: 50` is the newest page, still in order.")
    async def talks(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection["Talk"]:
        window = read_window(f"talks/{self.key}", first, after, last, before)
        return dress_talks(await info.context.load.talks.load(Part(self.key, window)), self.key)


@strawberry.type(
    description="A message. A removed one stays as a tombstone, so that a client can show it holds every seq."
)
class Talk(Node):
    seq: int = strawberry.field(description="Its place in its room: 1, 2, 3… without holes.")
    content: str | None = strawberry.field(
        description="What was said, as it was sent; null once it was removed."
    )
    create_time: datetime = strawberry.field(description="When it was posted.")
    edit_time: datetime | None = strawberry.field(description="When it was last edited; null if never.")
    remove_time: datetime | None = strawberry.field(description="When it was removed; null while it stands.")
    room_key: strawberry.Private[int]
    creator_key: strawberry.Private[int]

    @strawberry.field(description="The room it is in.")
    async def room(self, info: Info) -> Room:
        return dress_room(await info.context.load.room.load(self.room_key))

    @strawberry.field(description="Who posted it.")
    async def creator(self, info: Info) -> User:
        return dress_user(await info.context.load.user.load(self.creator_key))


def _named(noun: str, database_id: int) -> dict:
    return {"id": strawberry.ID(global_id(noun, database_id)), "database_id": BigInt(database_id)}


def dress_user(user: models.User) -> User:
    """Dress a user."""
    return User(
        **_named("User", user.id),
        username=user.username,
        display_name=user.display_name,
        create_time=user.create_time,
    )


def dress_session(session: models.Session, current_id: int | None) -> Session:
    """Dress a session."""
    return Session(
        **_named("Session", session.id),
        agent=session.agent,
        create_time=session.create_time,
        use_time=session.use_time,
        expire_time=session.expire_time,
        current=session.id == current_id,
    )


def dress_house(house: models.House) -> House:
    """Dress a house."""
    return House(
        **_named("House", house.id),
        name=house.name,
        description=house.description,
        visibility=Visibility(house.visibility.value),
        create_time=house.create_time,
        member_count=house.member_count,
        viewer_role=None if house.viewer_rank is None else dress_role(house.viewer_rank),
        cursor=cursor(f"journal/{house.id}", house.journal_seq + 1),
        key=house.id,
    )


def dress_member(member: models.Member) -> Member:
    """Dress a member."""
    return Member(
        **_named("Member", member.id),
        role=dress_role(member.rank),
        join_time=member.join_time,
        house_key=member.house_id,
        user_key=member.user_id,
    )


def dress_room(room: models.Room) -> Room:
    """Dress a room."""
    return Room(
        **_named("Room", room.id),
        title=room.title,
        topic=room.topic,
        create_time=room.create_time,
        archive_time=room.archive_time,
        last_seq=room.last_seq,
        key=room.id,
        house_key=room.house_id,
        creator_key=room.creator_id,
    )


def dress_talk(talk: models.Talk) -> Talk:
    """Dress a talk."""
    return Talk(
        **_named("Talk", talk.id),
        seq=talk.seq,
        content=talk.content,
        create_time=talk.create_time,
        edit_time=talk.edit_time,
        remove_time=talk.remove_time,
        room_key=talk.room_id,
        creator_key=talk.creator_id,
    )


def dress_rooms(page: models.Page[models.Room], house_id: int | None) -> Connection[Room]:
    """Dress a page of rooms, of one house or of all that somebody sees."""
    scope = "rooms" if house_id is None else f"rooms/{house_id}"
    return dress_page(
        page, scope, [dress_room(room) for room in page.items], [room.id for room in page.items]
    )


def dress_talks(page: models.Page[models.Talk], room_id: int | None) -> Connection[Talk]:
    """Dress talks: a room's stand at their seq, all that somebody sees at their id."""
    dressed = [dress_talk(talk) for talk in page.items]
    if room_id is None:
        return dress_page(page, "talks", dressed, [talk.id for talk in page.items])
    return dress_page(page, f"talks/{room_id}", dressed, [talk.seq for talk in page.items])
