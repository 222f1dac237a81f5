"""Beginning to listen: to a journal, or to what is never kept."""

from chatgraph.schema.live.batches import Sink
from chatgraph.schema.live.hearing import Hearer
from chatgraph.schema.live.listening import Listener
from chatgraph.schema.live.operations import Subscribed
from chatgraph.schema.live.telling import Live
from chatgraph.schema.subscription import Murmur
from chatgraph.viewer import Viewer


def listen(live: Live, viewer: Viewer, subscribed: Subscribed, sink: Sink) -> Listener | Hearer:
    """Make what tells a viewer, into *sink*, what they subscribed to; it does so once it is let `go_on`."""
    source = subscribed.source
    if isinstance(source, Murmur):
        return Hearer(live, viewer, subscribed, sink, source)
    return Listener(live, viewer, live.group(subscribed, viewer.known()), sink, source)
