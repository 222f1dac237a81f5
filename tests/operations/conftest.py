"""The cast without a door, and where it lives: Ada's house is Engine, Ben lives there, Cleo and Dora are strangers."""

from collections.abc import AsyncIterator, Callable

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from chatgraph.chat import Chat
from chatgraph.models import House, Rank, Room, Visibility
from chatgraph.operations import accounts
from chatgraph.parts import create_chat
from chatgraph.settings import Settings
from tests.cast import PASSWORD
from tests.operations.people import Caller, Person


@pytest.fixture
async def chat(make_settings: Callable[..., Settings]) -> AsyncIterator[Chat]:
    """All that operations work with, on a fresh database, without a door."""
    chat = create_chat(make_settings(), PasswordHasher.from_parameters(CHEAPEST))
    await chat.open()
    yield chat
    await chat.close()


async def _register(chat: Chat, username: str) -> Person:
    async with chat.visit() as visit:
        return Person(chat, await visit.carry_out(accounts.register, username, PASSWORD))


@pytest.fixture
async def ada(chat: Chat) -> Person:
    return await _register(chat, "ada")


@pytest.fixture
async def ben(chat: Chat) -> Person:
    return await _register(chat, "ben")


@pytest.fixture
async def cleo(chat: Chat) -> Person:
    return await _register(chat, "cleo")


@pytest.fixture
async def dora(chat: Chat) -> Person:
    return await _register(chat, "dora")


@pytest.fixture
def operator(chat: Chat) -> Caller:
    """Who runs the server, and is no user of it."""
    return Caller(chat)


@pytest.fixture
async def engine(ada: Person, ben: Person) -> House:
    """Ada's public house, in which Ben is a member."""
    house = await ada.found("Engine")
    await ben.enter(house)
    return house


@pytest.fixture
async def study(ada: Person, ben: Person) -> House:
    """Ada's private house, in which Ben is a member."""
    house = await ada.found("Study", Visibility.PRIVATE)
    await ben.enter(house)
    return house


@pytest.fixture
async def hall(ada: Person, engine: House) -> Room:
    """A room that Ada opened in Engine."""
    return await ada.open(engine)


@pytest.fixture
async def desk(ada: Person, study: House) -> Room:
    """A room that Ada opened in Study."""
    return await ada.open(study, "Desk")


@pytest.fixture
async def moderator(ada: Person, ben: Person, engine: House) -> Person:
    """Ben, once he is a moderator of Engine."""
    await ada.make(ben, Rank.MODERATOR, engine)
    return ben
