"""A session as GraphQL shows it: one of the devices that the viewer is signed in on."""

from datetime import datetime

import strawberry

from chatgraph import models
from chatgraph.schema.types.node import Node, named


@strawberry.type(description="One of the viewer's signed-in devices.")
class Session(Node):
    agent: str = strawberry.field(description="What signed in, in its own words (`User-Agent`).")
    create_time: datetime = strawberry.field(description="When it signed in.")
    use_time: datetime = strawberry.field(description="When it last refreshed its tokens.")
    expire_time: datetime = strawberry.field(description="When it ends if it isn't used before.")
    current: bool = strawberry.field(description="Whether it is the one that asks.")


def dress_session(session: models.Session, current_id: int | None) -> Session:
    """Make the GraphQL type of a session, as the session *current_id* sees it (None: no session asks)."""
    return Session(
        **named("Session", session.id),
        agent=session.agent,
        create_time=session.create_time,
        use_time=session.use_time,
        expire_time=session.expire_time,
        current=session.id == current_id,
    )
