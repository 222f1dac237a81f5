"""The row of the table that shows what each right is good for, by what it is a right over."""

OF_HOUSE = {
    "READ": "House.rooms",
    "SEE_PRESENCE": "Subscription.presence",
    "JOIN_HOUSE": "Mutation.joinHouse",
    "LEAVE_HOUSE": "Mutation.leaveHouse",
    "CREATE_ROOM": "Mutation.createRoom",
    "INVITE": "Mutation.createInvite",
    "DECIDE_JOIN_REQUESTS": "Mutation.approveJoinRequest",
    "READ_AUDIT_LOG": "House.auditLog",
    "EXPLAIN_RIGHTS": "House.explain",
    "UPDATE_HOUSE": "Mutation.updateHouse",
    "DELETE_HOUSE": "Mutation.deleteHouse",
}
OF_MEMBER = {
    "MUTE_MEMBER": "Mutation.muteMember",
    "REMOVE_MEMBER": "Mutation.removeMember",
    "BAN_USER": "Mutation.banUser",
    "SET_ROLE": "Mutation.setRole",
    "TRANSFER_HOUSE": "Mutation.transferHouse",
}
OF_ROOM = {
    "POST_TALK": "Mutation.postTalk",
    "UPDATE_ROOM": "Mutation.updateRoom",
    "ARCHIVE_ROOM": "Mutation.archiveRoom",
    "LOCK_ROOM": "Mutation.lockRoom",
    "DELETE_ROOM": "Mutation.deleteRoom",
}
OF_TALK = {"EDIT_TALK": "Mutation.editTalk", "REMOVE_TALK": "Mutation.removeTalk"}
