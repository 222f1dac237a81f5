"""
What is kept. The only speaker of SQL.

What is called after a noun takes a connection and gives nouns. The rest sees to the databases themselves: how they
are opened, read from, written to, brought up to date and moved.
"""
