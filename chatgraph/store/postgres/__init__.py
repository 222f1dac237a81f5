"""PostgreSQL: any number of servers on one database; it keeps order among them, and wakes them."""
