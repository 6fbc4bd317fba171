"""Options that several commands share, and how their text becomes a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from understudy.cli.screen import Screen
from understudy.errors import RequestError

if TYPE_CHECKING:
    from understudy.model.request import Request, Share
    from understudy.workflow.reading import Reading
    from understudy.workflow.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])

LARGEST_SEED = (1 << 64) - 1
SIZING = (
    "rows",
    "scale",
    "seed",
    "locale",
    "nulls",
    "only",
    "excluded",
    "follow",
    "clock",
    "where",
    "shares",
    "anomalies",
)
"""Wishes that a plan answers: a saved plan has them settled already."""


def _stack(*options: Callable[[F], F]) -> Callable[[F], F]:
    def apply(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return apply


def output(command: F) -> F:
    """``--json`` and ``--quiet``."""
    return _stack(
        click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else on standard output."),
        click.option("--quiet", "-q", is_flag=True, help="Print no words and no progress, only warnings and errors."),
    )(command)


def sources(command: F) -> F:
    """The sources, at least one, and how they are read (see :func:`reading`)."""
    return _stack(
        click.argument("sources", nargs=-1, required=True, metavar="SOURCE…"),
        click.option(
            "--no-cache", is_flag=True, expose_value=False, callback=_note, help="Read every source anew, kept or not."
        ),
        click.option(
            "--overrides",
            metavar="FILE",
            expose_value=False,
            callback=_note,
            help="Decisions to honour (default: overrides.yaml beside understudy.yaml, or here).",
        ),
        click.option(
            "--llm",
            metavar="PROVIDER",
            expose_value=False,
            callback=_note,
            help="Ask a language model about gaps: anthropic, openai, azure, compatible (default: llm.provider).",
        ),
        click.option(
            "--local-only",
            is_flag=True,
            default=None,
            expose_value=False,
            callback=_note,
            help="Ask nobody outside this machine.",
        ),
        click.option(
            "--allow-llm-data",
            is_flag=True,
            default=None,
            expose_value=False,
            callback=_note,
            help="Let a language model see the form (never the letters) of your values.",
        ),
    )(command)


def _note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    context.meta[f"understudy.{parameter.name}"] = value


def reading() -> Reading:
    """How the sources of the command at hand are to be read."""
    from understudy.workflow.reading import Reading

    told = click.get_current_context().meta
    return Reading(
        cache=not told.get("understudy.no_cache", False),
        overrides=told.get("understudy.overrides"),
        llm=told.get("understudy.llm"),
        local_only=told.get("understudy.local_only") or None,
        allow_llm_data=told.get("understudy.allow_llm_data") or None,
    )


def wishes(command: F) -> F:
    """Sizes, seed, clock and shares."""
    return _stack(
        click.option(
            "--rows",
            multiple=True,
            metavar="N | TABLE=N",
            help="Rows per table; repeat for single tables. 1e6 is a number.",
        ),
        click.option("--scale", type=click.FloatRange(min=0, min_open=True), help="Multiply all row counts."),
        click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="Same seed, same bytes."),
        click.option("--locale", metavar="LOCALE", help="Language and country of the values, such as de_DE."),
        click.option("--nulls", type=click.FloatRange(0, 1), help="Share of nulls in nullable columns."),
        click.option("--only", multiple=True, metavar="TABLE", help="Only this table; repeat for more."),
        click.option(
            "--except", "excluded", multiple=True, metavar="TABLE", help="All but this table; repeat for more."
        ),
        click.option("--follow", is_flag=True, help="With --only: also the tables that the wanted ones need."),
        click.option("--where", multiple=True, metavar="CONDITION", help='Only such rows: "age >= 60" (SQL).'),
        click.option(
            "--share", "shares", multiple=True, metavar="COLUMN=VALUE:SHARE", help='So many of them: "sex=F:0.5".'
        ),
        click.option(
            "--anomalies", type=click.FloatRange(0, 1), metavar="SHARE", help="Rows that stand out (fit --anomalies)."
        ),
        click.option("--clock", metavar="DATE", help='The data\'s "now", such as 2026-03-31 (default: today, UTC).'),
    )(command)


def session(command: F) -> F:
    """``--set``: settings of the target's session."""
    return click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="A setting of the target's session, such as app.tenant=7 (MySQL: @tenant=7); repeat for more.",
    )(command)


def in_session(target: str, settings: Sequence[str]) -> str:
    """The target with the settings of ``--set``; RequestError where one is malformed."""
    from understudy.workflow.looking import with_session

    pairs = [text.partition("=") for text in settings]
    if bad := [text for text, (name, equals, _) in zip(settings, pairs, strict=True) if not name or not equals]:
        raise RequestError(f"{bad[0]!r} sets nothing", where="--set", mend="Write --set NAME=VALUE.")
    return with_session(target, {name: value for name, _, value in pairs})


def screen(as_json: bool, quiet: bool) -> Screen:
    """What the command prints with."""
    return Screen(json=as_json, quiet=quiet)


def chosen(**flags: Any) -> Settings:
    """The settings, flags first."""
    from understudy.workflow.settings import settings

    return settings({f"generation.{name}": value for name, value in flags.items()})


def request(
    *,
    rows: Sequence[str] = (),
    scale: float | None = None,
    seed: int | None = None,
    locale: str | None = None,
    nulls: float | None = None,
    only: Sequence[str] = (),
    excluded: Sequence[str] = (),
    follow: bool = False,
    clock: str | None = None,
    append: bool = False,
    where: Sequence[str] = (),
    shares: Sequence[str] = (),
    anomalies: float | None = None,
) -> Request:
    """The wishes as a request; RequestError where they are no numbers, dates, or do not fit together."""
    from understudy.model.request import Request

    default, per_table = row_counts(rows)
    held = chosen(default_rows=default, seed=seed, locale=locale)
    if follow and not only:
        raise RequestError("--follow adds what the tables of --only need, but none is named", mend="Add --only TABLE.")
    return Request(
        default_rows=held.number("generation.default_rows"),
        rows=per_table,
        scale=1.0 if scale is None else scale,
        seed=held.number("generation.seed"),
        clock=moment(clock),
        locale=held.text("generation.locale"),
        nulls=nulls,
        only=tuple(only),
        excluded=tuple(excluded),
        follow=follow,
        append=append,
        where=tuple(where),
        shares=tuple(share(text) for text in shares),
        anomalies=anomalies or 0.0,
    )


def share(text: str) -> Share:
    """``COLUMN=VALUE:SHARE``; RequestError where it is none."""
    from understudy.model.request import Share

    column, equals, rest = text.partition("=")
    value, colon, number = rest.rpartition(":")
    try:
        wanted = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        wanted = -1.0
    if not (column and equals and colon and 0 <= wanted <= 1):
        mend = 'Write COLUMN=VALUE:SHARE, such as "status=closed:0.5".'
        raise RequestError(f"{text!r} is no share of a value", where="--share", mend=mend)
    return Share(column.strip(), value, wanted)


def row_counts(texts: Sequence[str]) -> tuple[int | None, dict[str, int]]:
    """``--rows``: the number for all tables (None: not given) and those of single tables."""
    default: int | None = None
    per_table: dict[str, int] = {}
    for text in texts:
        table, equals, number = text.rpartition("=")
        count = _count(number, text)
        if not equals:
            if default is not None:
                raise RequestError(
                    "two row counts for all tables", where=f"--rows {text}", mend="Write TABLE=N for one."
                )
            default = count
        elif table in per_table or not table:
            mend = "Name each table once."
            raise RequestError(f"table {table!r} stands there twice or has no name", where=f"--rows {text}", mend=mend)
        else:
            per_table[table] = count
    return default, per_table


def _count(number: str, text: str) -> int:
    from understudy.workflow.numbers import whole_number

    try:
        return whole_number(number)
    except ValueError as e:
        mend = "Write 1000, 1e6, or TABLE=1e6."
        raise RequestError(f"{number!r} is no row count: {e}", where=f"--rows {text}", mend=mend) from e


def moment(text: str | None) -> int:
    """A date or time (ISO 8601, UTC where it names no zone) in microseconds since 1970; today where there is none."""
    if text is None:
        at = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    else:
        try:
            at = datetime.fromisoformat(text)
        except ValueError as e:
            mend = "Write 2026-03-31 or 2026-03-31T12:00:00."
            raise RequestError(f"{text!r} is no date", where="--clock", mend=mend) from e
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def wished() -> list[str]:
    """The options given on the command line that say what rows are wanted."""
    context = click.get_current_context()
    return [
        p.opts[0]
        for p in context.command.params
        if p.name in SIZING and context.get_parameter_source(p.name) is click.core.ParameterSource.COMMANDLINE
    ]


def refuse_settled(sources: Sequence[str]) -> None:
    """RequestError where a saved plan is the source and wishes are named that it has settled."""
    if not any(s.rstrip("/").endswith(".plan") for s in sources):
        return
    given = wished()
    if given:
        what = f"a saved plan has settled what {', '.join(given)} ask{'s' if len(given) == 1 else ''} for"
        raise RequestError(what, where=sources[0], mend="Leave them out, or plan anew from the schema.")
