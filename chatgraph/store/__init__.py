"""What is kept. The only speaker of SQL: everything here takes a connection and gives nouns."""
