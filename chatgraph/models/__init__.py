"""
The nouns: what operations take and give.

A noun is an immutable row of plain values and knows nothing of where it is kept; its tables are in `chatgraph.store`.
A page of them may carry what isn't plain: the notes that are made of its items while it is kept (`Page.notes`).
Times are aware and in UTC. A noun that is seen by somebody carries what that depends on (`House.standing`).
"""

from chatgraph.models.accounts import Account, Registration, Session, User
from chatgraph.models.houses import (
    House,
    Look,
    Member,
    Membership,
    Rank,
    Room,
    Seen,
    Standing,
    Talk,
    Visibility,
)
from chatgraph.models.journal import Happening, Stretch
from chatgraph.models.lists import Notes, Page, Window
from chatgraph.models.moderation import Act, AuditEntry, Ban, Invite, JoinRequest, RequestState

__all__ = [
    "Account",
    "Act",
    "AuditEntry",
    "Ban",
    "Happening",
    "House",
    "Invite",
    "JoinRequest",
    "Look",
    "Member",
    "Membership",
    "Notes",
    "Page",
    "Rank",
    "Registration",
    "RequestState",
    "Room",
    "Seen",
    "Session",
    "Standing",
    "Stretch",
    "Talk",
    "User",
    "Visibility",
    "Window",
]
