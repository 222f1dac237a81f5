"""A server's worth of everything, to be moved from one database to another."""

from typing import NamedTuple

from tests.cast import Actor, Cast

SCRIPTS = [
    "Hello", "Grüße, Жанна", "小明 說：你好", "안녕하세요", "שלום وسهلا", "नमस्ते", "👩‍👩‍👧‍👦 🏳️‍🌈 é e\u0301", "a\tb\nc \\ ' \" % $1 ?",
    "\u200b\u202e\ufeffx", "\U0010ffff𝔘", "x" * 4000,
]  # fmt: skip
EVENT = """subscription($house: ID!, $after: String) {
  houseEvents(houseId: $house, after: $after) { __typename cursor ... on TalkPosted { talk { seq content } } } }"""
TALKS = "query($id: ID!) { room(id: $id) { talks(first: 100) { nodes { databaseId seq content } } } }"


class Scene(NamedTuple):
    """What a client knows before the move: where they are, up to where they heard, and what came after that."""

    house: str
    room: str
    cursor: str
    missed: list[str]


async def make_everything(cast: Cast) -> Scene:
    """Do once what leaves something in each table; the newest ids are those of what is gone."""
    ada, ben, cleo = cast.ada, cast.ben, cast.cleo
    house, private = await ada.create_house("Ä 🏠"), await ada.create_house("Private", "PRIVATE")
    room = await ada.create_room(house, "Straße 街")
    await ada.do("updateHouse", "house { id }", houseId=private, acceptsJoinRequests=True)
    await ben.join(house)
    await ada.set_role(ben, house)
    talks = [await ben.post_talk(room, content, clientKey=content[:64]) for content in SCRIPTS]
    await ben.do("editTalk", "talk { id }", talkId=talks[0], content="Hello, edited")
    await ben.do("removeTalk", "talk { id }", talkId=talks[1])
    await cleo.join(house)
    await ada.mute(cleo, house)
    await ada.ban(cleo, house, reason="Spam 🥫")
    await ada.invite(house)
    await ben.ask_to_join(private, message="Let me in")
    await ben.do("logout", "ok", refreshToken=await sign_in_elsewhere(ben))
    locked = await ada.create_room(house, "Locked")
    await ada.do("lockRoom", "room { id }", roomId=locked)
    heard = (await ada.ask("query($id: ID!) { house(id: $id) { cursor } }", id=house))["house"]["cursor"]
    missed = ["said while nobody heard", "and this 🎈"]
    for content in missed:
        await ada.post_talk(room, content)
    return Scene(house, room, heard, missed)


async def sign_in_elsewhere(actor: Actor) -> str:
    """Open a session beside the one that there is, and give its refresh token."""
    another = Actor(actor.http, actor.username)
    await another.sign_in()
    return another.refresh_token
