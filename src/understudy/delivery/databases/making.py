"""Structure that is missing is made, statement by statement, in an order that the database accepts."""

from __future__ import annotations

from understudy.delivery.databases.server import RefusedError, Server
from understudy.delivery.ddl.structure import partition_statements, same_family, structure
from understudy.errors import TargetError
from understudy.model.plan import Plan
from understudy.model.schema import Schema


def make_structure(server: Server, schema: Schema, names: tuple[str, ...], where: str) -> list[str]:
    """Make the tables named with all that belongs to them; notices of what could not be made. TargetError where a table
    or constraint of the same dialect is refused."""
    made = structure(schema, names, server.dialect)
    notices = list(made.notices)
    waiting = _settle(server, list(made.prelude))
    for table in made.tables:
        refusal = server.attempt(table.statement)
        if refusal is not None and waiting:
            waiting = _settle(server, [sql for sql, _ in waiting])
            refusal = server.attempt(table.statement)
        if refusal is not None and table.plainer:
            notices.append(f"{table.entity}: made without its checks and defaults: {refusal.message}")
            refusal = server.attempt(table.plainer)
        if refusal is not None:
            raise _not_made(table.entity, table.statement, refusal, where)
    rest = _settle(server, [*(sql for sql, _ in waiting), *made.after, *made.references])
    rest = _settle(server, [*(sql for sql, _ in rest), *made.triggers])
    for sql, refusal in rest:
        if sql in made.prelude or not same_family(
            schema.dialect, server.dialect
        ):  # another dialect's: as far as it goes
            notices.append(f"not made: {_short(sql)}: {refusal.message}")
        else:
            raise _not_made("", sql, refusal, where)
    return notices


def make_partitions(server: Server, plan: Plan, where: str) -> None:
    """Make the partitions that the plan's tables lack. TargetError where one is refused."""
    if not same_family(plan.schema.dialect, server.dialect):
        return
    for table in plan.tables:
        entity = plan.schema.entity(table.name)
        for sql in partition_statements(plan.schema, entity, server.dialect, table.partitions):
            if (refusal := server.attempt(sql)) is not None:
                what = f"{table.name}: a partition cannot be made: {refusal.message} in {_short(sql)}"
                mend = f"Make a partition there yourself, or leave the table out (--except {table.name})."
                raise TargetError(what, where=where, mend=mend)


def _settle(server: Server, statements: list[str]) -> list[tuple[str, RefusedError]]:
    """Run statements, those refused again after the others, until nothing moves; what is left, with its refusal.
    What is there already counts as made."""
    left = list(statements)
    while left:
        refused = []
        for sql in left:
            refusal = server.attempt(sql)
            if refusal is not None and not server.duplicate(refusal):
                refused.append((sql, refusal))
        if len(refused) == len(left):
            return refused
        left = [sql for sql, _ in refused]
    return []


def _not_made(entity: str, sql: str, refusal: RefusedError, where: str) -> TargetError:
    what = f"{entity + ': ' if entity else ''}structure cannot be made: {refusal.message} in {_short(sql)}"
    return TargetError(what, where=where, mend="Make the structure there yourself, then load into it.")


def _short(sql: str) -> str:
    line = " ".join(sql.split())
    return line if len(line) <= 160 else line[:157] + "..."
