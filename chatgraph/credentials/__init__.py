"""Who says so: passwords, the names they belong to, and the tokens handed out for them."""
