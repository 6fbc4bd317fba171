"""The Python API: the same use cases as the command line, with Arrow, pandas and Polars at the edges."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from understudy.errors import RequestError, UnsatisfiableError
from understudy.model.bundle import Bundle
from understudy.model.editable import save_schema
from understudy.model.event import Listener, silent
from understudy.model.manifest import Manifest
from understudy.model.request import Request, Share
from understudy.model.schema import Schema
from understudy.model.violation import Verdict
from understudy.ports.sink import WriteMode
from understudy.workflow.extras import told

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from understudy.model.evaluation import Evaluation
    from understudy.model.learned import Fitted
    from understudy.workflow.meanings import Guess

Source = str | Path | Schema | Bundle | Sequence[str | Path]


class Dataset(Mapping[str, "pyarrow.Table"]):
    """Generated tables by name, as Arrow; :meth:`pandas` and :meth:`polars` hand them on."""

    def __init__(self, tables: Mapping[str, pyarrow.Table]) -> None:
        self._tables = dict(tables)

    def __getitem__(self, name: str) -> pyarrow.Table:
        return self._tables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tables)

    def __len__(self) -> int:
        return len(self._tables)

    def __repr__(self) -> str:
        rows = ", ".join(f"{n}: {t.num_rows:,}" for n, t in self._tables.items())
        return f"Dataset({rows})"

    @told
    def pandas(self, name: str) -> pandas.DataFrame:
        """One table as a pandas frame (needs the extra ``frames``)."""
        return self._tables[name].to_pandas()

    @told
    def polars(self, name: str) -> polars.DataFrame:
        """One table as a Polars frame (needs the extra ``frames``)."""
        import polars

        frame = polars.from_arrow(self._tables[name])
        assert isinstance(frame, polars.DataFrame)
        return frame


@told
def read(*sources: str | Path) -> Schema:
    """One schema from everything that describes a system: database URLs, dump files, saved schemas."""
    from understudy import workflow

    return workflow.read([str(s) for s in sources])


@told
def plan(
    source: Source,
    *,
    rows: int | Mapping[str, int] = 1000,
    seed: int = 0,
    scale: float = 1.0,
    locale: str = "",
    nulls: float | None = None,
    only: Sequence[str] = (),
    excluded: Sequence[str] = (),
    follow: bool = False,
    clock: int | None = None,
    append_to: str | None = None,
    where: str | Sequence[str] = (),
    shares: Mapping[str, Mapping[str, float]] | None = None,
) -> Bundle:
    """How every column will be made and why; ``.plan`` is readable data.

    ``rows``: for every table, or per table by name. ``locale``: such as ``de_DE``; empty: that of the language in which
    tables and columns are named. ``clock``: microseconds since 1970-01-01 UTC that the data
    takes for now (default: today at midnight UTC). ``append_to``: a database whose rows are respected. ``where``:
    conditions in SQL that all rows fulfil (``"age >= 60"``); ``shares``: per column (or ``table.column``) the share of
    rows that have a value (``{"status": {"closed": 0.5}}``).
    """
    from understudy import workflow

    if isinstance(source, Bundle):
        return source
    request = _request(
        rows=rows,
        seed=seed,
        scale=scale,
        locale=locale,
        nulls=nulls,
        only=only,
        excluded=excluded,
        follow=follow,
        clock=clock,
        append_to=append_to,
        where=where,
        shares=shares,
    )
    if isinstance(source, Schema):
        return workflow.plan_schema(source, request, append_to)
    return workflow.prepare(_names(source), request, append_to)


def _request(
    *,
    rows: int | Mapping[str, int] = 1000,
    seed: int = 0,
    scale: float = 1.0,
    locale: str = "",
    nulls: float | None = None,
    only: Sequence[str] = (),
    excluded: Sequence[str] = (),
    follow: bool = False,
    clock: int | None = None,
    append_to: str | None = None,
    where: str | Sequence[str] = (),
    shares: Mapping[str, Mapping[str, float]] | None = None,
) -> Request:
    """The wishes of :func:`plan` as one noun."""
    return Request(
        default_rows=rows if isinstance(rows, int) else 1000,
        rows={} if isinstance(rows, int) else dict(rows),
        scale=scale,
        seed=seed,
        clock=today() if clock is None else clock,
        locale=locale,
        nulls=nulls,
        only=tuple(only),
        excluded=tuple(excluded),
        follow=follow,
        append=append_to is not None,
        where=(where,) if isinstance(where, str) else tuple(where),
        shares=tuple(Share(column, str(v), s) for column, of in (shares or {}).items() for v, s in of.items()),
    )


@told
def generate(
    source: Source,
    *,
    to: str | Path | None = None,
    mode: str = "create",
    format: str = "",
    workers: int = 1,
    resume: bool = False,
    rehearse: bool = True,
    real: str | Path | None = None,
    synthetic_ratio: float = 1.0,
    allow_real: bool = False,
    listen: Listener = silent,
    **wishes: Any,
) -> Dataset | Manifest:
    """Rows for ``source``: a :class:`Dataset` in memory, or, with ``to``, delivered there and certified.

    ``mode``: create, append or replace. ``rehearse``: whether a few rows are tried on a live target first, and rolled
    back. ``real``: rows of which the share 1 - ``synthetic_ratio`` is taken, where ``source`` is a model of privacy
    low, or with ``allow_real``. ``wishes``: as for :func:`plan`.
    """
    from understudy import workflow

    target = None if to is None else str(to)
    if real is not None or synthetic_ratio != 1.0:
        from understudy.workflow.mixing import mix

        if real is None or isinstance(source, Bundle | Schema) or len(_names(source)) != 1:
            mend = "Pass one *.model, real=… and synthetic_ratio=…."
            raise RequestError("real rows stand beside those of one model", mend=mend)
        bundle = mix(
            _names(source)[0], str(real), synthetic_ratio, _request(**wishes), allowed=allow_real, listen=listen
        )
        return _handed_on(bundle, target, mode, format, listen)
    if mode == "append" and target and "://" in target:
        wishes.setdefault("append_to", target)
    if target is not None and not isinstance(source, Bundle):
        sources = source if isinstance(source, Schema) else _names(source)
        return workflow.load(
            sources,
            _request(**wishes),
            target,
            mode=WriteMode(mode),
            rehearse=rehearse,
            format=format,
            workers=workers,
            resume=resume,
            listen=listen,
        )
    bundle = plan(source, **wishes)
    if target is not None:
        return workflow.generate(
            bundle, target, mode=WriteMode(mode), format=format, workers=workers, resume=resume, listen=listen
        )
    if bundle.plan.unmet:
        raise UnsatisfiableError(bundle.plan.unmet)
    return Dataset(workflow.preview(bundle, None, max((t.rows for t in bundle.plan.everything), default=0)))


@told
def fit(source: str | Path, *, save: str | Path | None = None, listen: Listener = silent, **wishes: Any) -> Fitted:
    """A model of the tables of ``source`` that hold rows; with ``save``, also written there.

    ``wishes``: ``privacy``, ``levels``, ``learners``, ``seed``, ``only`` as in ``understudy fit``.
    """
    from understudy import workflow
    from understudy.workflow.fitting import keep_model

    fitted = workflow.fit(str(source), listen=listen, **wishes)
    if save is not None:
        keep_model(fitted, Path(save))
    return fitted


@told
def report(
    real: str | Path,
    synthetic: str | Path,
    *,
    holdout: str | Path = "",
    target: str = "",
    save: str | Path | None = None,
    listen: Listener = silent,
) -> Evaluation:
    """How like ``real`` rows the ``synthetic`` ones are, how useful, how private; with ``save``, the page and, beside
    it, the figures as JSON. ``holdout``: real rows that no model has seen; ``target``: the column whose prediction
    counts."""
    from understudy import workflow
    from understudy.workflow.evaluating import keep_report

    found = workflow.evaluate(str(real), str(synthetic), holdout=str(holdout), target=target, listen=listen)
    if save is not None:
        keep_report(found, Path(save))
    return found


@told
def impute(
    model: str | Path | Fitted,
    real: str | Path,
    *,
    columns: Sequence[str] = (),
    to: str | Path | None = None,
    mode: str = "create",
    format: str = "",
    seed: int = 0,
    listen: Listener = silent,
) -> Dataset | Manifest:
    """The rows of ``real`` with their nulls filled as in rows of ``model`` that are like them: in memory, or delivered.

    ``columns``: only these. Keys and references stay as they are, and so do nulls that mean something.
    """
    from understudy.workflow.imputing import impute as filled

    bundle = filled(model, str(real), columns=columns, seed=seed, listen=listen)
    return _handed_on(bundle, None if to is None else str(to), mode, format, listen)


@told
def extend(
    model: str | Path | Fitted,
    real: str | Path,
    *,
    rows: int | None = None,
    until: str | None = None,
    steps: int | None = None,
    whole: bool = False,
    to: str | Path | None = None,
    mode: str = "create",
    format: str = "",
    seed: int = 0,
    listen: Listener = silent,
) -> Dataset | Manifest:
    """Rows that go on with those of ``real``: in memory, or delivered.

    ``rows``: so many new entities, under fresh keys. ``until`` (a date), ``steps``: what follows the last row of each
    entity. ``whole``: the real rows too, the new ones behind them.
    """
    from understudy.workflow.extending import extend as extended

    bundle = extended(model, str(real), rows=rows, until=until, steps=steps, whole=whole, seed=seed, listen=listen)
    return _handed_on(bundle, None if to is None else str(to), mode, format, listen)


def _handed_on(bundle: Bundle, target: str | None, mode: str, format: str, listen: Listener) -> Dataset | Manifest:
    from understudy import workflow

    if target is not None:
        return workflow.generate(bundle, target, mode=WriteMode(mode), format=format, listen=listen)
    return Dataset(workflow.preview(bundle, None, max((t.rows for t in bundle.plan.tables), default=0)))


@told
def preview(source: Source, table: str | None = None, rows: int = 10, **wishes: Any) -> Dataset:
    """The first rows of a table, or of all, exactly as :func:`generate` gives them."""
    from understudy import workflow

    return Dataset(workflow.preview(plan(source, **wishes), table, rows))


@told
def validate(source: Source, data: str | Path) -> tuple[Verdict, ...]:
    """A verdict per constraint on data in a database, a folder or a file."""
    from understudy import workflow

    schema = source if isinstance(source, Schema) else read(*_names(source))
    return workflow.validate(schema, str(data))


@told
def match(
    name: str,
    type: str = "",
    *,
    table: str = "",
    beside: Sequence[str] = (),
    label: str = "",
    comment: str = "",
    samples: Sequence[str | int | float | bool | None] = (),
    values: Sequence[str] = (),
    pattern: str = "",
    unique: bool = False,
) -> tuple[Guess, ...]:
    """What a field may mean, surest first: ``meaning``, ``certainty`` (how often such an answer is right), ``reason``.

    ``type``: as SQL writes it, or empty. ``beside``: names of the other fields. ``samples``: some values; ``values``:
    the ones permitted.

    >>> match("c1", samples=["a@example.com", "b@example.org", "c@example.net"])[0].meaning
    'email'
    """
    from understudy.workflow import meanings

    return meanings.match(
        name,
        type,
        table=table,
        beside=beside,
        label=label,
        comment=comment,
        samples=samples,
        values=values,
        pattern=pattern,
        unique=unique,
    )


@told
def save(noun: Schema | Bundle, path: str | Path) -> None:
    """Write a schema as YAML (``*.schema.yaml``) or a plan as a folder (``*.plan``)."""
    if isinstance(noun, Schema):
        save_schema(noun, Path(path))
        return
    from understudy.storage.plans import save as save_plan

    save_plan(noun, Path(path))


@told
def load_plan(path: str | Path) -> Bundle:
    """A plan from its folder, its artefacts verified."""
    from understudy.storage.plans import load

    return load(Path(path))


def today() -> int:
    """Midnight UTC of this day, in microseconds since 1970-01-01."""
    day = 86_400
    return int(time.time()) // day * day * 1_000_000


def _names(source: Source) -> list[str]:
    if isinstance(source, str | Path):
        return [str(source)]
    if isinstance(source, Schema | Bundle):
        raise RequestError("a schema or plan cannot be read again", mend="Pass it as it is.")
    return [str(s) for s in source]
