"""What breaks under a chat server, broken on purpose: the process here, under load, again and again."""
