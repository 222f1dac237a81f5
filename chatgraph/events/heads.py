"""Heads: how far the journals of houses have come, as far as all that stands in them was told here."""


class Head:
    """How far one house's journal was told without a gap. *seq* is None until somebody has looked how far it had come."""

    __slots__ = ("_beyond", "seq")

    def __init__(self) -> None:
        self.seq: int | None = None
        self._beyond: set[int] = set()  # told already, though something before it wasn't

    def take(self, seq: int) -> bool:
        """Take that what stands at *seq* was told. Gives whether all before it was told, too."""
        if self.seq is not None and seq <= self.seq:
            return False  # nobody knows any more what it came after
        follows = self.seq is not None and seq == self.seq + 1
        self._beyond.add(seq)
        self._close_gap()
        return follows

    def pass_to(self, seq: int) -> None:
        """Wait no more for what wasn't told up to *seq*."""
        if self.seq is None or self.seq < seq:
            self.seq = seq
            self._beyond = {one for one in self._beyond if one > seq}
            self._close_gap()

    def is_behind(self, seq: int) -> bool:
        """Tell whether something up to *seq* wasn't told, as far as is known."""
        return self.seq is None or self.seq < seq

    def _close_gap(self) -> None:
        while self.seq is not None and self.seq + 1 in self._beyond:
            self.seq += 1
            self._beyond.discard(self.seq)
