"""``understudy fit``: learn from real rows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from understudy.cli.options import output, screen
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.model.learned import Fitted, Guarantee
    from understudy.workflow.private_fitting import Terms

EPILOG = """\b
Examples:
  understudy fit postgresql://localhost/shop --save shop.model
  understudy fit sqlite:///shop.db --save shop.model --privacy low --privacy customers=high
  understudy fit sqlite:///shop.db --save shop.model --model lines=copula
  understudy fit people.csv --epsilon 1 --public people.sql --save people.model
  understudy generate shop.model --to ./data --format parquet --rows 1e6
"""


@click.command("fit", epilog=EPILOG, short_help="Learn from real rows.")
@click.argument("source")
@click.option("--save", "path", required=True, metavar="FILE", help="Where the model goes, such as shop.model.")
@click.option(
    "--privacy",
    "levels",
    multiple=True,
    metavar="LEVEL",
    help="low, medium (default) or high; TABLE=… or TABLE.COLUMN=… for some.",
)
@click.option("--schema", metavar="FILE", help="A saved schema whose privacy levels of tables and fields count.")
@click.option("--only", multiple=True, metavar="TABLE", help="Only this table; repeat for more.")
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="LEARNER",
    help="auto (default), trees, fast, copula, distribution, series, vae …; TABLE=…, TABLE.FIELD=t5.",
)
@click.option("--anomalies", is_flag=True, help="Learn how rows stand out too, for generate --anomalies.")
@click.option(
    "--sequence",
    "sequences",
    multiple=True,
    metavar="TABLE=COLUMN",
    help="Whose sequence each row belongs to; TABLE= for none (default: as the rows tell).",
)
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same model (default 0).")
@click.option("--epsilon", type=float, metavar="E", help="Learn with differential privacy at this cost, such as 1.")
@click.option("--delta", type=float, metavar="D", help="With --epsilon: far below one over the rows (default 1e-6).")
@click.option("--public", metavar="SOURCE", help="With --epsilon: a schema of what everybody knows costs nothing.")
@click.option("--ledger", metavar="FILE", help="With --epsilon: what counts the releases (default: one per source).")
@click.option("--limit", type=float, metavar="E", help="With --epsilon: what all releases may cost together.")
@output
def command(
    source: str,
    path: str,
    levels: tuple[str, ...],
    schema: str | None,
    only: tuple[str, ...],
    models: tuple[str, ...],
    anomalies: bool,
    sequences: tuple[str, ...],
    seed: int | None,
    epsilon: float | None,
    delta: float | None,
    public: str | None,
    ledger: str | None,
    limit: float | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Learn the columns of SOURCE's tables from their rows, and save the model as one file.

    `generate FILE` makes rows like them; the schema's constraints hold whatever was learned.
    """
    from understudy import workflow
    from understudy.workflow.fitting import keep_model
    from understudy.workflow.private_fitting import fit_privately

    out = screen(as_json, quiet)
    named = _named(levels, "levels of privacy", "--privacy")
    privacy = named.pop("", None)
    if epsilon is not None and (named or schema):
        flag = "--privacy" if named else "--schema"
        raise RequestError(f"{flag} has no meaning with --epsilon", mend="Leave it out: epsilon says how private.")
    terms = _terms(epsilon, delta, public, ledger, limit, privacy, seed)
    learners = _named(models, "learners", "--model")
    if terms is not None and learners:
        raise RequestError("--model has no meaning with --epsilon: it is learned by marginals", mend="Leave it out.")
    if terms is not None and anomalies:
        raise RequestError("what stands out is somebody: not with --epsilon", where="--anomalies", mend="Leave it out.")
    if terms is not None and sequences:
        raise RequestError("--sequence has no meaning with --epsilon: rows are protected", mend="Leave it out.")
    with out.progress() as listen:
        if terms is not None:
            fitted = fit_privately(source, terms, model=path, public=public or "", only=only, listen=listen)
        else:
            fitted = workflow.fit(
                source,
                privacy=privacy or "medium",
                seed=seed or 0,
                only=only,
                learners=learners,
                anomalies=anomalies,
                levels=named,
                schema=schema or "",
                sequences=_sequences(sequences),
                listen=listen,
            )
    keep_model(fitted, Path(path))
    out.data(fitted.model.card)
    for table in fitted.model.tables:
        out.title(f"{table.name}  ({table.seen:,} rows)")
        out.table(["column", "learned"], [[c.name, c.reason] for c in table.columns])
        if table.left:
            out.table(["column", "not learned"], list(table.left.items()))
        out.say()
    card = fitted.model.card
    for level, said in card.protection.items():
        where = [n for n, x in card.levels.items() if x == level]
        out.say(f"privacy {level}{f' ({chr(44).join(where)})' if where else ''}: {said}")
    for line in _guaranteed(fitted):
        out.say(line)
    out.say(f"{path}: understudy generate {path} --to ./data --format parquet")
    return 0


def _sequences(texts: tuple[str, ...]) -> dict[str, str]:
    """``TABLE=COLUMN`` as the column per table ("": no sequence)."""
    found: dict[str, str] = {}
    for text in texts:
        table, sign, column = text.partition("=")
        if not sign or not table or table in found:
            raise RequestError(f"{text!r} names no table once", where="--sequence", mend="Write TABLE=COLUMN.")
        found[table] = column
    return found


def _named(texts: tuple[str, ...], what: str, where: str) -> dict[str, str]:
    """``WORD`` or ``TABLE=WORD`` as a word per table ("": for all others)."""
    found: dict[str, str] = {}
    for text in texts:
        table, _, name = text.rpartition("=")
        if table in found:
            raise RequestError(f"two {what} for {table or 'all tables'}", where=where, mend="Name one.")
        found[table] = name
    return found


def _terms(
    epsilon: float | None,
    delta: float | None,
    public: str | None,
    ledger: str | None,
    limit: float | None,
    privacy: str | None,
    seed: int | None,
) -> Terms | None:
    """What a private fit may cost; None for a plain one. RequestError where options do not fit together."""
    from understudy.workflow.private_fitting import DELTA, Terms

    extra = {"--delta": delta, "--public": public, "--ledger": ledger, "--limit": limit}
    if epsilon is None:
        if given := [name for name, value in extra.items() if value is not None]:
            raise RequestError(f"{given[0]} belongs to --epsilon", mend="Add --epsilon, or leave it out.")
        return None
    if privacy is not None:
        raise RequestError("--privacy has no meaning with --epsilon", mend="Leave it out: epsilon says how private.")
    if seed is not None:
        raise RequestError("noise from a seed that is known protects nobody", where="--seed", mend="Leave it out.")
    return Terms(epsilon, DELTA if delta is None else delta, ledger or "", limit)


def _guaranteed(fitted: Fitted) -> list[str]:
    found: Guarantee | None = fitted.model.card.guarantee
    if found is None:
        return []
    total, delta = found.released
    return [
        f"({found.epsilon:g}, {found.delta:g})-differential privacy, one row more or less; "
        f"known to all: {', '.join(found.known)}",
        *(
            [f"each table alone: {', '.join(f'{n} {e:g}' for n, e in found.tables.items())}"]
            if len(found.tables) > 1
            else []
        ),
        f"released of this source so far: epsilon {total:g} at delta {delta:g}, counted in {found.ledger}",
        "",
    ]
