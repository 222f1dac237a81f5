"""
The tables, as SQLModel writes them; queries are SQLAlchemy Core over the tables named here.

No relationships and no lazy loading: joins are written out where they are wanted. Ids are never used twice, and
what was deleted keeps its row until `store.cleanup` takes it away, so an old id can't come to mean something new.
"""

from chatgraph.store.tables.accounts import Counters, RefreshTokens, Sessions, SignOuts, Users
from chatgraph.store.tables.columns import Id as Id
from chatgraph.store.tables.columns import metadata as metadata
from chatgraph.store.tables.columns import table
from chatgraph.store.tables.compatibility import Compatibility
from chatgraph.store.tables.houses import Houses, Journal, Members, Rooms, Talks
from chatgraph.store.tables.moderation import AuditEntries, Bans, Invites, JoinRequests, Mutes

users = table(Users)
sessions = table(Sessions)
refresh_tokens = table(RefreshTokens)
sign_outs = table(SignOuts)
counters = table(Counters)
houses = table(Houses)
members = table(Members)
rooms = table(Rooms)
talks = table(Talks)
journal = table(Journal)
bans = table(Bans)
mutes = table(Mutes)
invites = table(Invites)
join_requests = table(JoinRequests)
audit_entries = table(AuditEntries)
compatibility = table(Compatibility)
