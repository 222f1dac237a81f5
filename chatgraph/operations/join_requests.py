"""Join requests: asking to be let into a private house that takes them, and what becomes of that."""

from collections.abc import Collection

from chatgraph.errors import Conflict, Forbidden, NotFound
from chatgraph.models import Act, JoinRequest, Page, RequestState, Visibility, Window
from chatgraph.operations import texts
from chatgraph.operations.members import admit
from chatgraph.operations.rights import Thing, decide, require
from chatgraph.operations.rules import Action
from chatgraph.operations.sight import houses_for, let_see, lists_of
from chatgraph.operations.work import Work
from chatgraph.store import houses, join_requests, members


async def list_join_requests(
    work: Work, house_ids: Collection[int], window: Window
) -> dict[int, Page[JoinRequest] | Forbidden]:
    """List the requests that wait in those of the houses that the viewer sees, oldest first. Moderators may."""
    seen = await houses_for(work, house_ids, Action.DECIDE_JOIN_REQUESTS)
    return await lists_of(seen, lambda ids: join_requests.pages(work.db, ids, window))


async def list_own_join_requests(work: Work, window: Window) -> Page[JoinRequest]:
    """List what the viewer asked for, newest first."""
    return await join_requests.page_of_own(work.db, work.viewer.known(), window)


async def load_join_requests(work: Work, request_ids: Collection[int]) -> dict[int, JoinRequest | Forbidden]:
    """Give those of the requests that the viewer made or, as a moderator, decides on."""
    found = await join_requests.find(work.db, work.look, request_ids)
    own = await join_requests.find_own(work.db, work.viewer.known(), request_ids)
    return let_see(found, Action.DECIDE_JOIN_REQUESTS) | {request.id: request for request in own}


async def request_to_join(work: Work, house_id: int, message: str = "") -> JoinRequest:
    """
    Ask to be let into a private house that takes requests. While one waits, asking again changes nothing.

    Raises `NotFound` (it takes none, too), `Conflict` (public, or a member already), `Forbidden` (banned), `Invalid`.
    """
    house = await houses.get(work.db, work.look, house_id)
    message = texts.paragraph(message, "message", 512)
    if house is None:
        raise NotFound("house")
    if house.standing.rank is not None:
        raise Conflict("You are a member of this house already.", "houseId")
    if house.visibility is Visibility.PUBLIC:
        require(house, work.viewer, Action.JOIN_HOUSE)
        raise Conflict("This house is public: nobody needs to be let in; use `joinHouse`.", "houseId")
    # To who may ask, a private house is as good as a public one, unless they are banned.
    if not house.accepts_join_requests or not decide(house.standing, Action.JOIN_HOUSE, Thing()).allowed:
        raise NotFound("house")
    waiting = await join_requests.get(work.db, house_id, work.viewer.known())
    if waiting is not None and waiting.state is RequestState.PENDING:
        return waiting
    return await join_requests.add(work.db, house_id, work.viewer.known(), message, work.now)


async def withdraw_join_request(work: Work, request_id: int) -> int:
    """Take one of the viewer's own requests back, and give its id. Raises `NotFound`."""
    own = await join_requests.find_own(work.db, work.viewer.known(), [request_id])
    if not own:
        raise NotFound("join request")
    await join_requests.forget(work.db, own[0].house_id, own[0].user_id)
    return request_id


async def approve_join_request(work: Work, request_id: int, reason: str = "") -> JoinRequest:
    """
    Let somebody in who asked.

    Raises `NotFound`, `Forbidden`, `Conflict` (decided already), `Invalid`. Announces `MEMBER_JOINED`.
    """
    return await _decide(work, request_id, RequestState.APPROVED, reason)


async def decline_join_request(work: Work, request_id: int, reason: str = "") -> JoinRequest:
    """
    Don't let somebody in who asked; they may ask again.

    Raises `NotFound`, `Forbidden`, `Conflict` (decided already), `Invalid`.
    """
    return await _decide(work, request_id, RequestState.DECLINED, reason)


async def _decide(work: Work, request_id: int, state: RequestState, reason: str) -> JoinRequest:
    seen = let_see(await join_requests.find(work.db, work.look, [request_id]), Action.DECIDE_JOIN_REQUESTS)
    request = seen.get(request_id) or NotFound("join request")
    if not isinstance(request, JoinRequest):
        raise request
    reason = texts.reason(reason)
    if request.state is not RequestState.PENDING:
        raise Conflict(f"This request was {request.state.value} already.", "joinRequestId")
    house_id, user_id = request.house_id, request.user_id
    await join_requests.settle(work.db, house_id, user_id, state, work.now)
    approved = state is RequestState.APPROVED
    if approved and await members.get(work.db, house_id, user_id, work.now) is None:
        await admit(work, house_id, user_id)
    act = Act.JOIN_REQUEST_APPROVED if approved else Act.JOIN_REQUEST_DECLINED
    work.record(act, house_id, user_id, reason=reason)
    return request._replace(state=state, decide_time=work.now)
