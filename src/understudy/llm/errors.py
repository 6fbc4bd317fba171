"""What goes wrong between a question and its answer."""

from __future__ import annotations


class TroubleError(Exception):
    """A provider did not answer. ``again``: the same question may be answered later; ``wait``: seconds that the
    server asks for; ``key``: it refuses the key."""

    def __init__(self, what: str, *, again: bool, wait: float | None = None, key: bool = False) -> None:
        self.what, self.again, self.wait, self.key = what, again, wait, key
        super().__init__(what)
