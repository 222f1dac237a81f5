"""`chatgraph serve` as it is, but for passwords that cost next to nothing: to fill a database, not to be measured."""

from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from chatgraph.cli import app
from chatgraph.credentials import passwords

if __name__ == "__main__":
    passwords.PasswordHasher = lambda: PasswordHasher.from_parameters(CHEAPEST)  # type: ignore[assignment]
    app()
