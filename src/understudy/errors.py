"""Every error, on one page.

Three families: the user's (exit code 2), the world's (a retry may help; exit code 2 as well, for
the mend is the user's), ours (exit code 3). A message says what happened, where, and how to mend it.
"""

from __future__ import annotations

from typing import Any


class UnderstudyError(Exception):
    """Root of all errors. ``mend`` is the sentence that tells the user what to do."""

    exit_code = 3
    retry_may_help = False

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        self.what, self.where, self.mend = what, where, mend
        super().__init__(self.line)

    @property
    def line(self) -> str:
        """The error in one line: where, what, mend."""
        head = f"{self.where}: {self.what}" if self.where else self.what
        text = f"{head}. {self.mend}" if self.mend else head
        return " ".join(text.split())

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors travel between processes as they are, whatever their constructors ask for."""
        return _revived, (type(self), self.args, self.__dict__)


def _revived(kind: type[UnderstudyError], args: tuple[Any, ...], state: dict[str, Any]) -> UnderstudyError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class InputError(UnderstudyError):
    """The user's material or request is at fault."""

    exit_code = 2


class SourceError(InputError):
    """A source cannot be read, or is not what it says it is."""


class RequestError(InputError):
    """What was asked for does not fit together (unknown table, bad number, missing target)."""


class UnsatisfiableError(InputError):
    """Demands that cannot be met; found in planning. ``demands`` lists each, one line."""

    def __init__(self, demands: tuple[str, ...], *, mend: str = "") -> None:
        self.demands = demands
        super().__init__("; ".join(demands), mend=mend)


class TargetError(InputError):
    """The target refuses data or holds what it should not."""


class NotRehearsedError(TargetError):
    """Nothing can be tried on the target without a trace or without rights that a load does not need; a load may go
    on."""


class RefusedRowError(TargetError):
    """The target refused a row. ``table`` and ``row`` (of the plan, from 0; None: not told), ``constraint``, ``code``
    and ``words`` are the database's; the whole load was undone. ``diagnosis``: what a person needs to see why."""

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        mend: str = "",
        table: str = "",
        row: int | None = None,
        constraint: str = "",
        code: str = "",
        words: str = "",
    ) -> None:
        self.table, self.row, self.constraint, self.code, self.words = table, row, constraint, code, words
        self.diagnosis: tuple[str, ...] = ()
        super().__init__(what, where=where, mend=mend)


class SettingsError(InputError):
    """A setting is unknown or has a value that it cannot have."""


class PluginError(InputError):
    """A guest cannot be loaded or breaks its promise."""


class WorldError(UnderstudyError):
    """Network, server, disk: the same call may succeed later."""

    exit_code = 2
    retry_may_help = True


class ConnectionFailedError(WorldError):
    """A server cannot be reached or refuses the log-in (passwords are never shown)."""


class StorageFullError(WorldError):
    """The disk has no room."""


class InternalError(UnderstudyError):
    """Our own fault: an invariant does not hold."""
