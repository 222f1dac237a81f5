"""A chat backend: houses have rooms, rooms have talks; GraphQL is its contract."""
