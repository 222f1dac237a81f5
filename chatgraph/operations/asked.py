"""What was asked for lately: only what is asked for again is worth keeping, and most isn't."""

from collections import OrderedDict
from collections.abc import Hashable


class Asked:
    """The last *most* keys that were asked for once."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._once: OrderedDict[Hashable, None] = OrderedDict()

    def again(self, key: Hashable) -> bool:
        """Tell whether a key is asked for again, and remember that it was; it begins anew after that."""
        if key in self._once:
            del self._once[key]
            return True
        self._once[key] = None
        if len(self._once) > self._most:
            self._once.popitem(last=False)
        return False
