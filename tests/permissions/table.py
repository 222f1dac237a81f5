"""
THE TABLE: what every field, mutation and REST path gives to whom.

Actors: AN anonymous, NM signed in and no member (any more), ME member, MO moderator, OW owner, BA banned, DE
deactivated while a member. A row names a type, then its fields (of the Node type where it can be reached by id).

    y    yes; of a list: exactly what there is. A mutation changes something
    j    yes, and joins by it
    =    yes, and nothing changes by it
    ~    null (or an empty list of rights) without an error
    x    a list that answers, and holds nothing of this house
    c    CONFLICT
    -    FORBIDDEN, and nothing changes
    0    NOT_FOUND, the same answer as for what never was, and nothing changes
    401  UNAUTHENTICATED, and nothing changes
    own  what the actor made or is: yes; what others made: FORBIDDEN. `own0`: NOT_FOUND; `own~0`: own null, others' NOT_FOUND
    <    to people of a lower rank: yes; to others: FORBIDDEN
"""

from typing import NamedTuple

ACTORS = ("AN", "NM", "ME", "MO", "OW", "BA", "DE")
WORLDS = ("public", "private")

TEXT = """
                                                  | public                             | private
                                                  | AN   NM   ME   MO   OW   BA   DE   | AN   NM   ME   MO   OW   BA   DE
Query viewer                                      | ~    y    y    y    y    y    401  | ~    y    y    y    y    y    401
Query registration                                | y    y    y    y    y    y    y    | y    y    y    y    y    y    y
Query user                                        | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401
Query sessions joinRequests                       | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401
Query house                                       | 401  y    y    y    y    y    401  | 401  0    y    y    y    0    401
Query houses                                      | 401  y    y    y    y    y    401  | 401  x    y    y    y    x    401
Query room talk rooms(houseId) talks(roomId)      | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Query rooms talks                                 | 401  y    y    y    y    x    401  | 401  x    y    y    y    x    401
Query invite                                      | 401  y    y    y    y    -    401  | 401  y    y    y    y    0    401
Query node(User) nodes(User)                      | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401
Query node(Session) nodes(Session)                | 401  own0 own0 own0 own0 own0 401  | 401  own0 own0 own0 own0 own0 401
Query node(House) nodes(House)                    | 401  y    y    y    y    y    401  | 401  0    y    y    y    0    401
Query node(Room) nodes(Room)                      | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Query node(Talk) nodes(Talk)                      | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Query node(Member) nodes(Member)                  | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Query node(JoinRequest) nodes(JoinRequest)        | 401  own  own  y    y    -    401  | 401  own0 own  y    y    0    401
Query node(Invite) nodes(Invite)                  | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Query node(Ban) nodes(Ban)                        | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Query node(AuditEntry) nodes(AuditEntry)          | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401

House id databaseId name visibility               | 401  y    y    y    y    y    401  | 401  0    y    y    y    0    401
House description acceptsJoinRequests createTime  | 401  y    y    y    y    ~    401  | 401  0    y    y    y    0    401
House memberCount cursor                          | 401  y    y    y    y    ~    401  | 401  0    y    y    y    0    401
House viewerRole                                  | 401  ~    y    y    y    ~    401  | 401  0    y    y    y    0    401
House viewerCan                                   | 401  y    y    y    y    ~    401  | 401  0    y    y    y    0    401
House rooms members                               | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
House bans invites joinRequests auditLog explain  | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Explanation allowed decidedBy reason role banned  | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Explanation banEndTime muteEndTime                | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401

Room id databaseId title topic createTime         | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Room archiveTime lockTime lastSeq                 | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Room viewerCan house creator talks                | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Room explain                                      | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401

Talk id databaseId seq cursor content createTime  | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Talk editTime removeTime room creator             | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Talk viewerCan                                    | 401  ~    y    y    y    -    401  | 401  0    y    y    y    0    401
Talk explain                                      | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401

Member id databaseId role joinTime muteEndTime    | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Member house user                                 | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Member online                                     | 401  ~    y    y    y    -    401  | 401  0    y    y    y    0    401
Member viewerCan                                  | 401  ~    ~    y    y    -    401  | 401  0    ~    y    y    0    401

JoinRequest id databaseId message state user      | 401  own  own  y    y    -    401  | 401  own0 own  y    y    0    401
JoinRequest createTime decideTime                 | 401  own  own  y    y    -    401  | 401  own0 own  y    y    0    401
JoinRequest house                                 | 401  own  own  y    y    -    401  | 401  own~0 own y    y    0    401

Ban id databaseId reason createTime endTime       | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Ban house user creator                            | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Invite id databaseId createTime expireTime        | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Invite mostUses uses revokeTime house creator     | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
AuditEntry id databaseId act subjectId detail     | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
AuditEntry reason time actor subject              | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
InvitePreview houseName houseDescription          | 401  y    y    y    y    -    401  | 401  y    y    y    y    0    401
InvitePreview memberCount expireTime inviter      | 401  y    y    y    y    -    401  | 401  y    y    y    y    0    401

User id databaseId username displayName           | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401
User createTime deactivateTime                    | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401
Session id databaseId agent createTime            | 401  own0 own0 own0 own0 own0 401  | 401  own0 own0 own0 own0 own0 401
Session useTime expireTime current                | 401  own0 own0 own0 own0 own0 401  | 401  own0 own0 own0 own0 own0 401

Mutation register register(inviteCode)            | y    y    y    y    y    y    y    | y    y    y    y    y    y    y
Mutation login refresh                            | y    y    y    y    y    y    401  | y    y    y    y    y    y    401
Mutation logout                                   | y    y    y    y    y    y    =    | y    y    y    y    y    y    =
Mutation changePassword logoutEverywhere          | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401
Mutation revokeSession                            | 401  own0 own0 own0 own0 own0 401  | 401  own0 own0 own0 own0 own0 401
Mutation createHouse                              | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401
Mutation updateHouse deleteHouse                  | 401  -    -    -    y    -    401  | 401  0    -    -    y    0    401
Mutation joinHouse                                | 401  j    =    =    =    -    401  | 401  0    =    =    =    0    401
Mutation leaveHouse                               | 401  -    y    y    -    -    401  | 401  0    y    y    -    0    401
Mutation leaveHouse(after transfer)               | 401  -    y    -    y    -    401  | 401  0    y    -    y    0    401
Mutation setRole transferHouse                    | 401  -    -    -    <    -    401  | 401  0    -    -    <    0    401
Mutation removeMember banUser                     | 401  -    -    <    <    -    401  | 401  0    -    <    <    0    401
Mutation muteMember unmuteMember                  | 401  -    -    <    <    -    401  | 401  0    -    <    <    0    401
Mutation unbanUser                                | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Mutation createInvite revokeInvite                | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Mutation acceptInvite                             | 401  j    =    =    =    -    401  | 401  j    =    =    =    0    401
Mutation requestToJoin                            | 401  c    c    c    c    -    401  | 401  y    c    c    c    0    401
Mutation withdrawJoinRequest                      | 401  own0 own0 own0 0    0    401  | 401  own0 own0 own0 0    0    401
Mutation approveJoinRequest declineJoinRequest    | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Mutation createRoom                               | 401  j    y    y    y    -    401  | 401  0    y    y    y    0    401
Mutation createRoom(muted)                        | 401  -    -    -    -    -    401  | 401  0    -    -    -    0    401
Mutation updateRoom archiveRoom                   | 401  -    own  y    y    -    401  | 401  0    own  y    y    0    401
Mutation updateRoom(muted)                        | 401  -    -    -    -    -    401  | 401  0    -    -    -    0    401
Mutation archiveRoom(open again)                  | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Mutation lockRoom lockRoom(unlock)                | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Mutation deleteRoom                               | 401  -    -    -    y    -    401  | 401  0    -    -    y    0    401
Mutation postTalk                                 | 401  j    y    y    y    -    401  | 401  0    y    y    y    0    401
Mutation postTalk(archived) postTalk(muted)       | 401  -    -    -    -    -    401  | 401  0    -    -    -    0    401
Mutation postTalk(locked)                         | 401  -    -    y    y    -    401  | 401  0    -    y    y    0    401
Mutation editTalk                                 | 401  -    own  own  own  -    401  | 401  0    own  own  own  0    401
Mutation editTalk(archived) editTalk(muted)       | 401  -    -    -    -    -    401  | 401  0    -    -    -    0    401
Mutation editTalk(locked)                         | 401  -    -    own  own  -    401  | 401  0    -    own  own  0    401
Mutation removeTalk removeTalk(archived)          | 401  -    own  y    y    -    401  | 401  0    own  y    y    0    401

Mutation setTyping                                | 401  =    =    =    =    -    401  | 401  0    =    =    =    0    401
Mutation setPresence                              | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401

Subscription houseEvents                          | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Subscription roomEvents typing                    | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
Subscription presence                             | 401  -    y    y    y    -    401  | 401  0    y    y    y    0    401
Subscription viewerEvents                         | 401  y    y    y    y    y    401  | 401  y    y    y    y    y    401

POST register                                     | y    y    y    y    y    y    y    | y    y    y    y    y    y    y
POST login refresh                                | y    y    y    y    y    y    401  | y    y    y    y    y    y    401
POST room/new                                     | 401  j    y    y    y    -    401  | 401  0    y    y    y    0    401
GET house/list                                    | 401  y    y    y    y    y    401  | 401  x    y    y    y    x    401
GET room/list talk/list                           | 401  y    y    y    y    x    401  | 401  x    y    y    y    x    401
GET room/list?house_id talk/list?room             | 401  y    y    y    y    -    401  | 401  0    y    y    y    0    401
"""


class Row(NamedTuple):
    """What one field, mutation or path gives: *cells* by world and actor."""

    section: str
    name: str
    cells: dict[tuple[str, str], str]

    @property
    def key(self) -> str:
        """What the row is about, such as `House.rooms`, `Query.node(Ban)` or `GET room/list?house_id`."""
        return (
            f"{self.section} {self.name}"
            if self.section in ("GET", "POST")
            else f"{self.section}.{self.name}"
        )


def read_table(text: str) -> dict[str, Row]:
    """Read a table into its rows by their key. Raises `ValueError` where a line isn't whole or says a thing twice."""
    rows: dict[str, Row] = {}
    for line in text.splitlines():
        left, *columns = line.split("|")
        if not left.strip():
            continue
        codes = {world: column.split() for world, column in zip(WORLDS, columns, strict=True)}
        cells = {
            (world, actor): code for world in WORLDS for actor, code in zip(ACTORS, codes[world], strict=True)
        }
        section, names = left.split(maxsplit=1)
        for name in _names(names):
            row = Row(section, name, cells)
            if row.key in rows:
                raise ValueError(f"{row.key} has two rows.")
            rows[row.key] = row
    return rows


def _names(text: str) -> list[str]:
    """Split names at spaces, those in parentheses aside."""
    names, depth = [""], 0
    for letter in text.strip():
        depth += (letter == "(") - (letter == ")")
        if letter == " " and depth == 0:
            names.append("")
        else:
            names[-1] += letter
    return [name for name in names if name]


TABLE = read_table(TEXT)
