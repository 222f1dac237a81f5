"""What GraphQL gives becomes the documented JSON. A shape that gives None leaves its node out of the list."""

from typing import Any

JSON = dict[str, Any]


def signed_in(data: JSON) -> JSON:
    return _tokens(data["login"])


def refreshed(data: JSON) -> JSON:
    return _tokens(data["refresh"])


def registered(_: JSON) -> JSON:
    return {}


def opened_room(data: JSON) -> JSON:
    return room(data["createRoom"]["room"])


def house(node: JSON) -> JSON:
    return {"id": node["databaseId"], "name": node["name"]}


def room(node: JSON) -> JSON:
    return {
        "id": node["databaseId"],
        "title": node["title"],
        "creator_id": node["creator"]["databaseId"],
        "create_time": node["createTime"],
    }


def title(node: JSON) -> str:
    return node["title"]


def talk(node: JSON) -> JSON | None:
    if node["removeTime"] is not None:
        return None
    return {
        "id": node["databaseId"],
        "content": node["content"],
        "creator_id": node["creator"]["databaseId"],
        "create_time": node["createTime"],
    }


def _tokens(payload: JSON) -> JSON:
    return {"access_token": payload["accessToken"], "refresh_token": payload["refreshToken"]}
