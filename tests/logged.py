"""What a server in this process writes into its log."""

import io
import logging


def note_log() -> io.StringIO:
    """Have what is logged from now on written where it can be read."""
    [handler] = [one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler]
    stream = io.StringIO()
    handler.setStream(stream)
    return stream
