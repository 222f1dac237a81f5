"""SQLite: one file, a few connections that read it, and the one that writes."""
