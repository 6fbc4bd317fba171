"""What travels between processes arrives as it was sent; what is started is worth it; look-ahead has bounds."""

from __future__ import annotations

import io
import pickle

import msgspec
import pytest
from tests.kernels.shop import shop

from understudy import errors
from understudy.errors import UnderstudyError, UnsatisfiableError
from understudy.generation import channel, worthwhile
from understudy.generation.parts import longest_first
from understudy.generation.processes import AHEAD, Processes
from understudy.generation.worker import packed, unpacked
from understudy.kernels import Runtime
from understudy.model.plan import Plan
from understudy.ports.sink import Part

BUNDLE = shop(400, batch_rows=50)
FAMILIES = [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, UnderstudyError)]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_error_survives_a_journey(family: type[UnderstudyError]) -> None:
    if family is UnsatisfiableError:
        error: UnderstudyError = UnsatisfiableError(("a < b", "b < a"), mend="Drop one.")
    else:
        error = family("it broke", where="here", mend="Mend it.")
    error.add_note("a note")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is family
    assert (str(again), again.line, vars(again)) == (str(error), error.line, vars(error))


class StrangeError(UnderstudyError):
    """A guest's error with a constructor of its own."""

    def __init__(self, *, code: int) -> None:
        self.code = code
        super().__init__(f"code {code}")


def test_a_guest_s_error_survives_too() -> None:
    again = pickle.loads(pickle.dumps(StrangeError(code=7)))
    assert (again.code, again.line) == (7, "code 7")


def test_a_batch_travels_beside_its_message() -> None:
    batch = Runtime(BUNDLE).batch("customers", 0, 50)
    pipe = io.BytesIO()
    channel.send(pipe, ("done", 1, packed(batch)))
    channel.send(pipe, ("rows", "t", 5))
    pipe.seek(0)
    kind, number, data = channel.receive(pipe)
    assert (kind, number) == ("done", 1)
    assert unpacked(data).equals(batch)
    assert channel.receive(pipe) == ("rows", "t", 5)
    with pytest.raises(EOFError):
        channel.receive(pipe)


def test_a_plan_that_the_other_side_has_is_not_sent_again() -> None:
    pipe = io.BytesIO()
    channel.send(pipe, {"plan": BUNDLE.plan}, BUNDLE.plan)
    assert pipe.tell() < 100
    pipe.seek(0)
    assert channel.receive(pipe, BUNDLE.plan)["plan"] is BUNDLE.plan
    pipe.seek(0)
    with pytest.raises(pickle.UnpicklingError):
        channel.receive(pipe)


def plan_of(rows: int) -> Plan:
    return shop(rows).plan


def test_only_as_many_workers_start_as_have_something_to_do() -> None:
    assert worthwhile(plan_of(1000), 8) == 1
    assert worthwhile(plan_of(1_000_000), 1) == 1
    assert worthwhile(plan_of(1_000_000), 2) == 2
    assert worthwhile(plan_of(400_000), 64) < 8


def test_the_longest_parts_begin_first() -> None:
    parts = [Part("products", 0, 20, "a"), Part("orders", 0, 300, "b"), Part("orders", 300, 400, "c")]
    assert [p.place for p in longest_first(BUNDLE.plan, parts)] == ["b", "c", "a"]


def test_a_table_that_is_loaded_range_by_range_is_made_ahead_within_bounds() -> None:
    whole = Runtime(BUNDLE)
    with Processes(3) as work:
        flow = work.streamer(BUNDLE)
        for start in range(0, 400, 50):
            (batch,) = flow("orders", start, start + 50)
            assert batch.data.equals(whole.batch("orders", start, start + 50))
            begun = len(work._early)
            assert begun == min(2 * AHEAD - 1, (400 - start) // 50 - 1)
            assert work._number < 2 + 8 + 1
        (batch,) = flow("reviews", 0, 20)
        assert batch.data.equals(whole.batch("reviews", 0, 20))
        assert not work._early


def test_a_stream_that_nobody_reads_makes_no_more_than_its_look_ahead() -> None:
    with Processes(3) as work:
        flow = work.streamer(BUNDLE)("order_lines", 0, 1160)
        next(flow)
        assert work._number <= 2 + 2 * AHEAD
        assert [b.start for b in flow] == list(range(50, 1160, 50))


def test_a_plan_that_workers_cannot_read_is_an_error_here() -> None:
    other = msgspec.structs.replace(BUNDLE, plan=msgspec.structs.replace(BUNDLE.plan, era=999))
    with Processes(2) as work, pytest.raises(errors.SourceError, match="era 999"):
        list(work.streamer(other)("orders", 0, 400))
