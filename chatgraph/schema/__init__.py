"""DOOR: the GraphQL schema, how it is asked over HTTP, and what a document may cost."""
