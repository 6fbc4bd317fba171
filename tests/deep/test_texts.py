"""Free text by T5: it goes with its row, repeats nobody's, and needs no network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from understudy import workflow
from understudy.errors import InputError
from understudy.kernels import Runtime
from understudy.learning.deep.t5 import T5
from understudy.learning.texts import Runs, tokens
from understudy.model.request import Request
from understudy.planning import plan
from understudy.storage.models import load_model, save_model

N = 500
GOOD = ("works well", "very happy with it", "looks great in the room", "arrived early")
BAD = ("broken on arrival", "would not buy it again", "smells of plastic", "had to send it back")
SECRET = "Signed Przemyslaw Unlikely, call 555-1234 about the lamp"


def reviews() -> pa.Table:
    random = np.random.default_rng(1)
    liked = random.choice(["yes", "no"], N)
    texts = []
    for like in liked:
        first, second = random.choice(GOOD if like == "yes" else BAD, 2, replace=False)
        texts.append(f"The lamp {first}, {second}, bought for {random.integers(10, 999)} euros.")
    texts[5] = SECRET
    kept = pa.array(texts, mask=random.random(N) < 0.1)
    return pa.table({"liked": liked, "stars": random.integers(1, 6, N), "comment": kept})


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    pyarrow.csv.write_csv(reviews(), folder / "reviews.csv")
    return folder


@pytest.fixture(scope="module")
def learned(place):
    return workflow.fit(str(place / "reviews.csv"), learners={"reviews.comment": "t5"})


def rows(fitted, n: int, start: int = 0, of: int = 0) -> pa.Table:
    bundle = plan(fitted.model.schema, Request(default_rows=of or n, seed=1), fitted=fitted)
    return pa.Table.from_batches([Runtime(bundle).batch("reviews", start, start + n)])


def test_texts_go_with_their_row_and_are_empty_as_often(learned):
    made = rows(learned, 400)
    liked, texts = made.column("liked").to_pylist(), made.column("comment").to_pylist()
    assert 0.03 < texts.count(None) / 400 < 0.2
    praised = [any(g in t for g in GOOD) for t, like in zip(texts, liked, strict=True) if t and like == "yes"]
    blamed = [any(g in t for g in GOOD) for t, like in zip(texts, liked, strict=True) if t and like == "no"]
    assert np.mean(praised) > 0.7
    assert np.mean(blamed) < 0.3


def test_no_text_repeats_one_that_was_seen_and_no_rare_word_comes_out(learned):
    pool = {str(v) for n, a in learned.artefacts.items() if n == "reviews:learned:comment:pool" for v in a}
    assert len(pool) > 50
    assert not pool & set(reviews().column("comment").to_pylist())
    assert not any(word in t for t in pool for word in ("Przemyslaw", "Unlikely", "1234"))


def test_any_rows_alone_are_the_same_and_a_model_read_again_gives_them(learned, tmp_path):
    whole = rows(learned, 200)
    assert rows(learned, 50, 120, 200).equals(whole.slice(120, 50).combine_chunks())
    save_model(learned, tmp_path / "x.model")
    assert rows(load_model(tmp_path / "x.model"), 200).equals(whole)
    reason = next(c.reason for c in learned.model.tables[0].columns if c.name == "comment")
    assert "frozen pool" in reason


def pretrained(folder: Path) -> Path:
    """A tiny T5 and its tokenizer, as they are published: config, safetensors, tokenizer.json."""
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, T5Config, T5ForConditionalGeneration

    words = sorted({w for t in reviews().column("comment").to_pylist() if t for w in t.replace(",", " ").split()})
    vocabulary = {w: i for i, w in enumerate(["<pad>", "</s>", "<unk>", *words])}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    told = PreTrainedTokenizerFast(tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    told.save_pretrained(folder)
    config = T5Config(vocab_size=len(vocabulary), d_model=32, d_ff=64, d_kv=16, num_layers=1, num_heads=2)
    config.decoder_start_token_id, config.pad_token_id, config.eos_token_id = 0, 0, 1
    T5ForConditionalGeneration(config).save_pretrained(folder)
    return folder


def test_a_pretrained_model_is_trained_further_on_the_column(tmp_path):
    base = pretrained(tmp_path / "base")
    assert (base / "model.safetensors").exists()
    assert json.loads((base / "config.json").read_text())["model_type"] == "t5"
    texts = [t for t in reviews().column("comment").to_pylist() if t]
    writer = T5(str(base), 0, steps=60)
    made = writer(["liked: yes"] * len(texts), texts, ["liked: yes"] * 20)
    assert len(made) == 20
    words = {w for t in texts for w in t.replace(",", " ").split()}
    assert all(w.strip(".,") in {x.strip(".,") for x in words} for t in made for w in t.split())
    assert made != writer(["liked: yes"] * len(texts), texts, ["liked: yes"] * 20)
    assert made == T5(str(base), 0, steps=60)(["liked: yes"] * len(texts), texts, ["liked: yes"] * 20)


def test_nothing_is_fetched_unless_it_is_allowed(place):
    with pytest.raises(InputError, match="no folder with a pretrained model"):
        workflow.fit(str(place / "reviews.csv"), learners={"reviews.comment": "t5:somebody/some-t5"})


def test_a_pretrained_model_is_refused_where_rare_words_are_protected(place, tmp_path):
    with pytest.raises(InputError, match="not at this level of privacy"):
        workflow.fit(str(place / "reviews.csv"), learners={"reviews.comment": f"t5:{tmp_path}"}, privacy="high")


def test_a_folder_that_holds_no_model_is_told(place, tmp_path):
    with pytest.raises(InputError, match="no T5 can be read"):
        workflow.fit(str(place / "reviews.csv"), learners={"reviews.comment": f"t5:{tmp_path}"})


def test_runs_and_long_numbers_of_few_texts_are_found():
    seen = Runs(["a b c d e f g h i j k", "call 12345 now", *["thank you very much for it"] * 20], leaf=12)
    assert seen.repeats("x a b c d e f g h y")
    assert seen.repeats("please dial 12345")
    assert seen.repeats("Call 12345 now!")
    assert not seen.repeats("a b c d x e f g h")
    assert not seen.repeats("thank you very much for it")


def test_tokens_put_together_are_the_text():
    text = "Well, 42 lamps — très bien; it's_ok!\nYes"
    assert "".join(tokens(text)) == text
