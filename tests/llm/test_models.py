"""Language models: asked patiently, believed least, never sent what was not allowed, and checked in what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.llm.model_server import always, first, serving, slow

from understudy.cli.main import main
from understudy.errors import ConnectionFailedError, RequestError, SettingsError
from understudy.llm import Access, Desk, open_chat
from understudy.ports.chat import Question
from understudy.sources.llm import gaps
from understudy.workflow.reading import Reading, read

KEY = "sk-very-secret-0123456789"
QUESTION = Question("You help.", "How many legs has a spider?")


class Legs(msgspec.Struct, frozen=True):
    legs: tuple[int, ...]


def access(url: str, provider: str = "anthropic", timeout_s: float = 5.0) -> Access:
    base = url if provider in ("anthropic", "azure") else f"{url}/v1"
    return Access(provider, "some-model", base, KEY, timeout_s=timeout_s)


def desk(url: str, provider: str = "anthropic", **more: Any) -> tuple[Desk, list[float]]:
    waited: list[float] = []
    timeout = more.pop("timeout_s", 5.0)
    made = Desk([open_chat(access(url, provider, timeout))], sleep=waited.append, **{"budget": 10_000, **more})
    return made, waited


@pytest.mark.parametrize("provider", ["anthropic", "openai", "azure", "compatible"])
def test_every_provider_answers_through_its_own_protocol(provider: str) -> None:
    with serving(always("eight")) as server:
        made, _ = desk(server.url, provider)
        answer = made.ask(QUESTION)
        assert (answer.content, answer.tokens_in, answer.tokens_out) == ("eight", 120, 30)
        request = server.requests[0]
        assert KEY in request["key"]
        paths = {"anthropic": "/v1/messages", "azure": "/openai/deployments/some-model/chat/completions"}
        assert request["path"].partition("?")[0] == paths.get(provider, "/v1/chat/completions")


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
@pytest.mark.parametrize(
    "said",
    [
        {"legs": [8]},
        '```json\n{"legs": [8],}\n```',
        'Of course! Here it is: {"legs": [8]} I hope that helps.',
        "[8]",
    ],
)
def test_an_answer_of_a_form_is_read_tolerantly(provider: str, said: Any) -> None:
    with serving(always(said)) as server:
        made, _ = desk(server.url, provider)
        assert made.ask_for(QUESTION, Legs, lambda _: []) == (Legs((8,)), [])


def test_an_answer_is_sent_back_with_its_faults_and_mended() -> None:
    answers = [{"legs": ["many"]}, {"legs": [7]}, {"legs": [8]}]
    with serving(lambda _b, n: (200, {}, answers[n])) as server:
        made, _ = desk(server.url)
        found, left = made.ask_for(QUESTION, Legs, lambda a: [] if a.legs == (8,) else [f"{a.legs[0]} is wrong"])
        assert (found, left, made.spent.repairs) == (Legs((8,)), [], 2)
        assert "7 is wrong" in server.requests[2]["body"]["messages"][0]["content"]


def test_a_model_that_does_not_mend_its_answer_is_asked_three_times_and_no_more() -> None:
    with serving(always("I would rather not.")) as server:
        made, _ = desk(server.url)
        assert made.ask_for(QUESTION, Legs, lambda _: []) == (None, ["it is not JSON"])
        assert len(server.requests) == 3


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_limits_and_troubles_of_the_server_are_waited_out(provider: str) -> None:
    failures = [(429, {"retry-after": "7"}, "slow down"), (503, {}, "busy"), (529, {}, "overloaded")]
    with serving(first(failures, "eight")) as server:
        made, waited = desk(server.url, provider)
        assert made.ask(QUESTION).content == "eight"
        assert waited[0] == 7.0
        assert 3.2 <= waited[1] <= 4.8
        assert 6.4 <= waited[2] <= 9.6
        assert made.spent.retries == 3


def test_patience_ends() -> None:
    with serving(lambda _b, _n: (500, {}, "broken")) as server:
        made, waited = desk(server.url)
        with pytest.raises(ConnectionFailedError, match="the server answered 500"):
            made.ask(QUESTION)
        assert (len(server.requests), len(waited)) == (4, 3)


def test_a_server_that_asks_for_an_hour_is_not_waited_for() -> None:
    with serving(lambda _b, _n: (429, {"retry-after": "3600"}, "later")) as server:
        made, waited = desk(server.url)
        with pytest.raises(ConnectionFailedError, match="429"):
            made.ask(QUESTION)
        assert (len(server.requests), waited) == (1, [])


@pytest.mark.parametrize("provider", ["anthropic", "openai"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_final_and_never_shown(provider: str, status: int) -> None:
    with serving(lambda _b, _n: (status, {}, f"bad key {KEY}")) as server:
        made, waited = desk(server.url, provider)
        with pytest.raises(SettingsError) as caught:
            made.ask(QUESTION)
        assert (len(server.requests), waited) == (1, [])
        assert KEY not in caught.value.line
        assert KEY not in repr(access(server.url))


def test_a_slow_server_is_given_up_within_its_time() -> None:
    with serving(slow(3.0, "eight")) as server:
        made, _ = desk(server.url, timeout_s=0.3, attempts=2)
        with pytest.raises(ConnectionFailedError, match="no answer in time"):
            made.ask(QUESTION)


def test_where_one_does_not_answer_the_next_is_asked() -> None:
    with serving(lambda _b, _n: (500, {}, "broken")) as broken, serving(always("eight")) as good:
        chats = [open_chat(access(broken.url)), open_chat(access(good.url, "compatible"))]
        made = Desk(chats, budget=10_000, attempts=1)
        assert made.ask(QUESTION).content == "eight"
        assert "500" in made.told[0]


@pytest.mark.parametrize("garbage", ["<html>proxy</html>", '{"half": ', "[]", "{}"])
@pytest.mark.parametrize("provider", ["anthropic", "openai"])
def test_what_is_not_the_protocol_is_one_clear_line(provider: str, garbage: str) -> None:
    with serving(lambda _b, _n: (0, {}, garbage)) as server:
        made, _ = desk(server.url, provider, attempts=2)
        with pytest.raises(ConnectionFailedError) as caught:
            made.ask(QUESTION)
        assert "\n" not in caught.value.line


def test_the_same_question_is_asked_once(tmp_path: Path) -> None:
    with serving(always("eight")) as server:
        for _ in range(2):
            made, _ = desk(server.url, shelf=tmp_path)
            assert made.ask(QUESTION).content == "eight"
        assert len(server.requests) == 1
        assert made.spent.answered_from_cache == 1
        assert made.ask(msgspec.structs.replace(QUESTION, text="And an ant?")).cached is False
        assert not [p for p in tmp_path.iterdir() if KEY in p.read_text()]


def test_a_budget_is_kept() -> None:
    with serving(always("eight")) as server:
        made, _ = desk(server.url, budget=200)
        made.ask(QUESTION)
        with pytest.raises(RequestError, match="budget of 200 tokens"):
            made.ask(msgspec.structs.replace(QUESTION, text="x" * 400))
        assert len(server.requests) == 1


def test_only_local_models_are_asked_where_that_is_said() -> None:
    with pytest.raises(SettingsError, match="forbids to ask anthropic at"):
        open_chat(Access("anthropic", key=KEY), local_only=True)
    open_chat(Access("compatible", "m", "http://127.0.0.1:9/v1"), local_only=True)


def test_a_missing_key_is_told_with_its_variable() -> None:
    with pytest.raises(SettingsError, match="OPENAI_API_KEY"):
        open_chat(Access("openai"))


# ---- as a source -----------------------------------------------------------------------------------------
DDL = """CREATE TABLE xq_unit (id integer PRIMARY KEY, zzlabel varchar(30), qx numeric(6,2));
CREATE TABLE xq_event (id integer PRIMARY KEY, src_ref integer, blorp_id integer, email varchar(80) NOT NULL);
"""


def guess(table: str, column: str, **more: Any) -> dict[str, Any]:
    return {"table": table, "column": column, "certainty": 0.9, **more}


GOOD = {
    "columns": [
        guess("xq_unit", "zzlabel", meaning="person_name", samples=["Ann Lee", "Bo Ray"]),
        guess("xq_unit", "qx", low=0, high=250.0),
        guess("xq_event", "src_ref", refers_to="xq_unit.id"),
        guess("xq_event", "blorp_id", refers_to="xq_unit.id"),
    ]
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "schema.sql").write_text(DDL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("UNDERSTUDY_LLM_MODEL", "local-model")
    return tmp_path


def told(url: str, monkeypatch: pytest.MonkeyPatch) -> Reading:
    monkeypatch.setenv("UNDERSTUDY_LLM_BASE_URL", f"{url}/v1")
    return Reading(llm="compatible")


def test_a_model_is_asked_only_about_gaps_and_fills_them(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(always(GOOD)) as server:
        schema = read(["schema.sql"], reading=told(server.url, monkeypatch))
        asked = json.dumps(server.requests[0]["body"])
    assert "zzlabel" in asked.partition("Columns asked about")[2]
    assert "email" not in asked.partition("Columns asked about")[2]
    assert schema.entity("xq_unit").field("zzlabel").meaning == "person_name"
    assert [r.text for r in schema.entity("xq_unit").checks] == ['"qx" >= 0 AND "qx" <= 250']
    keys = {k.columns[0]: (k.target, k.enforced) for k in schema.entity("xq_event").foreign_keys}
    assert keys == {"src_ref": ("xq_unit", False), "blorp_id": ("xq_unit", False)}
    account = next(f for f in schema.facets if f.subject == "xq_unit.zzlabel" and f.facet == "meaning")
    assert account.confidence < 0.8


def test_lies_are_left_out_and_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lies = {
        "columns": [
            guess("xq_unit", "zzlabel", meaning="unicorn_name", samples=["x" * 99]),
            guess("xq_unit", "qx", low=9, high=1),
            guess("xq_event", "blorp_id", refers_to="nowhere.id"),
            guess("secrets", "password", meaning="password"),
        ]
    }
    with serving(always(lies)) as server:
        schema = read(["schema.sql"], reading=told(server.url, monkeypatch))
        assert 1 < len(server.requests) <= 3
    assert not schema.entity("xq_unit").field("zzlabel").meaning
    assert not schema.entity("xq_unit").checks
    assert not schema.entity("xq_event").foreign_keys
    assert [e.name for e in schema.entities] == ["xq_unit", "xq_event"]
    assert any("not usable" in r.text for r in schema.remarks)


def test_a_model_cannot_overturn_another_source(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "overrides.yaml").write_text("fields:\n  xq_unit.qx:\n    range: 5..6\n")
    with serving(always(GOOD)) as server:
        schema = read(["schema.sql"], reading=told(server.url, monkeypatch))
    assert [r.text for r in schema.entity("xq_unit").checks] == ['"qx" >= 5 AND "qx" <= 6']


def test_of_the_users_values_nothing_is_sent_unless_allowed_and_then_only_their_form(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n".join(f"{i},Zebulon-{i} Quux{i},{i}" for i in range(40))
    (project / "xq.csv").write_text(f"id,zzlabel,blorp\n{rows}\n")
    for allowed in (None, True):
        with serving(always({"columns": []})) as server:
            reading = msgspec.structs.replace(told(server.url, monkeypatch), allow_llm_data=allowed)
            read(["xq.csv"], reading=reading)
            sent = json.dumps([r["body"] for r in server.requests])
        assert "Zebulon" not in sent
        assert ("Aaaaaaa-" in sent) == bool(allowed) or not server.requests


def test_without_a_provider_nobody_is_asked(project: Path) -> None:
    assert gaps(read(["schema.sql"]))
    assert not [r for r in read(["schema.sql"]).remarks if "model" in r.text]


def test_on_the_command_line_local_only_is_a_refusal(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert main(["inspect", "schema.sql", "--llm", "anthropic", "--local-only"]) == 2
    err = capsys.readouterr().err
    assert "--local-only forbids" in err
    assert KEY not in err
