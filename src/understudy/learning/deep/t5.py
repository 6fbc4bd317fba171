"""T5 as a writer of texts: a small one made and trained on the column, or a pretrained one that is trained further.

    "rating: 5 | product: lamp"  ─► encoder ─► decoder ─►  "Arrived early, works well."

Raffel et al., "Exploring the limits of transfer learning with a unified text-to-text transformer" (2020). The small one
knows only words that several rows have: a name in one row's text cannot come out again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from understudy.errors import InputError
from understudy.learning.deep.alone import alone
from understudy.learning.texts import tokens

PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"
VOCABULARY, LEAST_ROWS = 4000, 3
LONGEST, LONGEST_TOLD = 96, 48
WIDTH, LAYERS, HEADS = 128, 2, 4
STEPS, FURTHER, BATCH, EPOCHS = 500, 200, 32, 40
RATE, FURTHER_RATE = 1e-3, 3e-4
WRITTEN = 128
NUCLEUS = 0.95
"""Of the chances of the next word: the tail beyond is where a small model's mistakes lie."""


class T5:
    """``base``: a folder with a pretrained T5 and its tokenizer, or the name of one on a hub, which only ``downloads``
    allows to fetch; "": a small one of its own. ``rare``: words that fewer rows have are not learned by the small one.
    ``steps``: of training; 0: as many as are usual.
    """

    def __init__(self, base: str, seed: int, rare: int = 1, downloads: bool = False, steps: int = 0) -> None:
        self.base, self.seed, self.rare, self.downloads = base, seed, rare, downloads
        self.steps = steps or (FURTHER if base else STEPS)

    def __call__(self, sources: Sequence[str], texts: Sequence[str], wanted: Sequence[str]) -> list[str]:
        """Learn once, then write; each call writes other texts."""
        with alone(self.seed):
            if not hasattr(self, "net"):
                self.words, self.net = self._pretrained() if self.base else self._small([*sources, *texts], texts)
                self._train(sources, texts)
            out = self._write(wanted)
            self.seed += 1
        return out

    # ---- making --------------------------------------------------------------------------------
    def _small(self, every: Sequence[str], texts: Sequence[str]) -> tuple[Any, Any]:
        from transformers import T5Config, T5ForConditionalGeneration

        least = max(LEAST_ROWS, self.rare)
        told = Counter(w for t in every[: len(every) - len(texts)] for w in set(tokens(t)))
        seen = Counter(w for t in texts for w in set(tokens(t)))
        common = [w for w, n in seen.most_common(VOCABULARY) if n >= least]
        words = Words([PAD, END, UNKNOWN, *dict.fromkeys([*common, *sorted(told)])])
        config = T5Config(
            vocab_size=len(words.known),
            d_model=WIDTH,
            d_ff=2 * WIDTH,
            d_kv=WIDTH // HEADS,
            num_layers=LAYERS,
            num_decoder_layers=LAYERS,
            num_heads=HEADS,
            dropout_rate=0.1,
            pad_token_id=0,
            eos_token_id=1,
            decoder_start_token_id=0,
        )
        return words, T5ForConditionalGeneration(config)

    def _pretrained(self) -> tuple[Any, Any]:
        local = Path(self.base).is_dir()
        if not local and not self.downloads:
            raise InputError(
                f"{self.base} is no folder with a pretrained model",
                where="--model",
                mend="Name a folder, or allow fetching it: learning.downloads, without privacy.local_only.",
            )
        if not self.downloads:
            os.environ["HF_HUB_OFFLINE"] = "1"
        from transformers import AutoTokenizer, T5ForConditionalGeneration

        try:
            told = AutoTokenizer.from_pretrained(self.base, local_files_only=not self.downloads)
            net = T5ForConditionalGeneration.from_pretrained(
                self.base, local_files_only=not self.downloads, use_safetensors=True
            )
        except (OSError, ValueError) as error:
            first = str(error).strip().splitlines()[0]
            raise InputError(
                f"no T5 can be read from {self.base}: {first}",
                where="--model",
                mend="Name a folder with config.json, model.safetensors and a tokenizer.",
            ) from error
        return Pretrained(told), net

    # ---- training ------------------------------------------------------------------------------
    def _train(self, sources: Sequence[str], texts: Sequence[str]) -> None:
        told = [self.words.numbers(s)[:LONGEST_TOLD] for s in sources]
        wanted = [self.words.numbers(t, end=True)[:LONGEST] for t in texts]
        self.longest = max(len(w) for w in wanted)
        rate = FURTHER_RATE if self.base else RATE
        steps = max(min(self.steps, EPOCHS * len(texts) // BATCH), 1)
        step = torch.optim.AdamW(self.net.parameters(), rate)
        calm = torch.optim.lr_scheduler.OneCycleLR(step, rate, total_steps=steps + 1)
        self.net.train()
        order = torch.cat([torch.randperm(len(texts)) for _ in range(-(-steps * BATCH // len(texts)))])
        for some in order[: steps * BATCH].split(BATCH):
            into = self._padded([told[i] for i in some])
            out = self._padded([wanted[i] for i in some])
            labels = out.masked_fill(out == self.words.pad, -100)
            loss = self.net(input_ids=into, attention_mask=into != self.words.pad, labels=labels).loss
            step.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
            step.step()
            calm.step()
        self.net.eval()

    def _padded(self, rows: Sequence[Sequence[int]]) -> Any:
        size = max(max((len(r) for r in rows), default=1), 1)
        return torch.tensor([[*r, *[self.words.pad] * (size - len(r))] for r in rows])

    # ---- writing -------------------------------------------------------------------------------
    def _write(self, wanted: Sequence[str]) -> list[str]:
        out: list[str] = []
        told = [self.words.numbers(w)[:LONGEST_TOLD] or [self.words.end] for w in wanted]
        with torch.no_grad():
            for first in range(0, len(told), WRITTEN):
                into = self._padded(told[first : first + WRITTEN])
                made = self.net.generate(
                    input_ids=into,
                    attention_mask=into != self.words.pad,
                    do_sample=True,
                    top_k=0,
                    top_p=NUCLEUS,
                    max_new_tokens=self.longest,
                    suppress_tokens=self.words.never,
                )
                out += [self.words.text(row) for row in made.tolist()]
        return out


class Words:
    """Whole words as numbers: the vocabulary of the small one."""

    pad, end = 0, 1

    def __init__(self, known: Sequence[str]) -> None:
        self.known = list(known)
        self.place = {w: i for i, w in enumerate(known)}
        self.never = [0, 2]

    def numbers(self, text: str, end: bool = False) -> list[int]:
        """What is not known is left out."""
        found = [self.place[w] for w in tokens(text) if w in self.place]
        return [*found, self.end] if end else found or [self.end]

    def text(self, numbers: Sequence[int]) -> str:
        """Up to the end."""
        return "".join(self.known[n] for n in numbers if n > 2)


class Pretrained:
    """A tokenizer that came with a model."""

    def __init__(self, told: Any) -> None:
        self.told, self.pad, self.end = told, told.pad_token_id or 0, told.eos_token_id
        self.never = [n for n in (told.unk_token_id,) if n is not None]

    def numbers(self, text: str, end: bool = False) -> list[int]:
        """With or without the end."""
        found = list(self.told(text, add_special_tokens=False)["input_ids"])
        return [*found, self.end] if end or not found else found

    def text(self, numbers: Sequence[int]) -> str:
        """Without special tokens."""
        return str(self.told.decode(numbers, skip_special_tokens=True))
