"""PyTorch's randomness and threads, borrowed and given back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def alone(seed: int) -> Iterator[None]:
    """Inside, draws are those of ``seed`` and one thread computes: the same on every call. Outside nothing changes."""
    threads = torch.get_num_threads()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(threads)
