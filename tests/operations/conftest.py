"""The cast without a door, and where it lives: Ada's house is Engine, Ben is its moderator or member, Cleo is a stranger."""

from collections.abc import AsyncIterator, Callable

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from chatgraph.app import create_chat
from chatgraph.chat import Chat
from chatgraph.models import House, Room, Visibility
from chatgraph.operations import accounts, members
from chatgraph.settings import Settings
from tests.cast import PASSWORD
from tests.operations.people import Person


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
    """Ben, once he has owned Engine and given it back."""
    await ada.perform(members.hand_over, engine.id, ben.id)
    await ada.perform(members.hand_over, engine.id, ada.id)
    return ben
