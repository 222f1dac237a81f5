"""The permission matrix: who gets what of every field, mutation and REST path, asked of a running server."""
