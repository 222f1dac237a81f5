"""Live talks: subscriptions are read from the journal once for all who ask the same, and told over sockets and streams."""
