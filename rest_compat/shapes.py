"""What GraphQL gives becomes the documented JSON."""

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


def houses(nodes: list[JSON]) -> list[JSON]:
    return [{"id": node["databaseId"], "name": node["name"]} for node in nodes]


def rooms(nodes: list[JSON]) -> list[JSON]:
    return [room(node) for node in nodes]


def titles(nodes: list[JSON]) -> list[str]:
    return [node["title"] for node in nodes]


def room(node: JSON) -> JSON:
    return {
        "id": node["databaseId"],
        "title": node["title"],
        "creator_id": node["creator"]["databaseId"],
        "create_time": node["createTime"],
    }


def talks(nodes: list[JSON]) -> list[JSON]:
    """Removed talks, which have no content, are left out."""
    return [
        {
            "id": node["databaseId"],
            "content": node["content"],
            "creator_id": node["creator"]["databaseId"],
            "create_time": node["createTime"],
        }
        for node in nodes
        if node["content"] is not None
    ]


def _tokens(payload: JSON) -> JSON:
    return {"access_token": payload["accessToken"], "refresh_token": payload["refreshToken"]}
