"""What the tests of this door may ask for."""

import pytest

from tests.cast import Cast
from tests.rest.long_lists import Asked


@pytest.fixture
def asked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What is asked of the schema from now on: the cast is there."""
    return Asked(monkeypatch)
