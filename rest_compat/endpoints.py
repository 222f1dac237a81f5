"""THE TABLE: what the contract documents, and the GraphQL document that does it."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from rest_compat import shapes
from rest_compat.lists import Listing
from rest_compat.reading import Parameter, id_of, text

DOCUMENTS = Path(__file__).parent / "documents"


class Endpoint:
    """
    One call of the contract.

    *takes* becomes the variables of the stored document, which have the names that REST gives them; POST takes all
    of them in a JSON object, GET any of them in the query string. *gives* makes the documented JSON of the data.
    Who isn't signed in may call it only where it is *for_anyone*.
    """

    def __init__(
        self,
        method: str,
        path: str,
        takes: list[Parameter],
        gives: Callable[[dict[str, Any]], dict[str, Any]] | Listing,
        *,
        for_anyone: bool = False,
    ) -> None:
        self.method, self.path, self.takes, self.gives = method, path, takes, gives
        self.for_anyone = for_anyone
        self.file = DOCUMENTS / f"{path.replace('/', '_')}.graphql"

    @cached_property
    def document(self) -> str:
        return self.file.read_text("utf-8")


ENDPOINTS = [
    Endpoint("POST", "login", [text("username"), text("password")], shapes.signed_in, for_anyone=True),
    Endpoint("POST", "register", [text("username"), text("password")], shapes.registered, for_anyone=True),
    Endpoint("POST", "refresh", [text("refresh_token", "refreshToken")], shapes.refreshed, for_anyone=True),
    Endpoint("GET", "house/list", [], Listing("houses", {"house_list": shapes.houses})),
    Endpoint(
        "GET",
        "room/list",
        [id_of("House", "house_id", "houseId")],
        Listing("rooms", {"rooms": shapes.rooms, "room_list": shapes.titles}),
    ),
    Endpoint(
        "GET",
        "talk/list",
        [id_of("Room", "room", "roomId")],
        Listing("talks", {"talk_list": shapes.talks}, grows=True),
    ),
    Endpoint(
        "POST",
        "room/new",
        [id_of("House", "house_id", "houseId"), text("room_title", "title")],
        shapes.opened_room,
    ),
]
