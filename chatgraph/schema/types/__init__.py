"""The nouns as GraphQL shows them, a file a noun: a type's fields read the noun of `chatgraph.models` itself."""

from chatgraph.schema.types.audit import AuditEntry
from chatgraph.schema.types.bans import Ban
from chatgraph.schema.types.houses import House
from chatgraph.schema.types.invites import Invite, InvitePreview
from chatgraph.schema.types.join_requests import JoinRequest
from chatgraph.schema.types.members import Member
from chatgraph.schema.types.node import Node, show
from chatgraph.schema.types.rooms import Room
from chatgraph.schema.types.sessions import Session
from chatgraph.schema.types.talks import Talk
from chatgraph.schema.types.users import User

__all__ = [
    "AuditEntry", "Ban", "House", "Invite", "InvitePreview", "JoinRequest", "Member", "Node", "Room", "Session",
    "Talk", "User", "show",
]  # fmt: skip
