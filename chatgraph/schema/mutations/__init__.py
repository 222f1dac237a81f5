"""The root fields of mutations, a file a noun: what each takes, does and gives. Each does one thing, wholly or not at all."""

import strawberry

from chatgraph.schema.mutations.accounts import AccountMutations
from chatgraph.schema.mutations.houses import HouseMutations
from chatgraph.schema.mutations.invites import InviteMutations
from chatgraph.schema.mutations.join_requests import JoinRequestMutations
from chatgraph.schema.mutations.members import MemberMutations
from chatgraph.schema.mutations.moderation import ModerationMutations
from chatgraph.schema.mutations.presence import PresenceMutations
from chatgraph.schema.mutations.rooms import RoomMutations
from chatgraph.schema.mutations.sessions import SessionMutations
from chatgraph.schema.mutations.talks import TalkMutations

# Those that try a password or a token: one of them a document, so that aliases can't try a thousand.
CREDENTIAL_MUTATIONS = frozenset({"register", "login", "refresh", "logout", "changePassword"})


@strawberry.type(description="What can be done. One after the other; each is durable when it is answered.")
class Mutation(
    AccountMutations,
    SessionMutations,
    HouseMutations,
    MemberMutations,
    InviteMutations,
    JoinRequestMutations,
    ModerationMutations,
    RoomMutations,
    TalkMutations,
    PresenceMutations,
):
    pass
