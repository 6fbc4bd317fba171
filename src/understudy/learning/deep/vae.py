"""A variational autoencoder of tables.

    classes of all columns ─► layers ─► mean, spread ─► a point ─► layers ─► chances of each column's classes

Kingma and Welling, "Auto-encoding variational Bayes" (2014); for tables Xu et al., "Modeling tabular data using
conditional GAN" (2019). Numbers are classes like categories, and drawn within them afterwards, so every column has the
distribution it had. Points are not drawn from the prior but from a mixture of normals fitted to where rows lie (Ghosh
et al., "From variational to deterministic autoencoders", 2020): a prior that rows do not fill makes rows like none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from understudy.learning.columns import Represented
from understudy.learning.deep.alone import alone

WIDTH, LATENT, EMBEDDED = 192, 24, 8
BATCH, STEPS, LEAST_EPOCHS = 256, 3000, 10
RATE = 2e-3
WEIGHT = 0.2
"""Of the divergence from the prior: the mixture makes up for what a smaller weight leaves unfilled."""
COMPONENTS = 24
HELD_BACK = 0.1
PATIENCE = 6
LEAST_HELD = 100


def sampled(columns: list[Represented], rows: int, seed: int) -> dict[str, NDArray[np.int64]]:
    """Train on the columns' classes and draw ``rows``."""
    codes = np.column_stack([c.numbers for c in columns])
    levels = [c.levels for c in columns]
    with alone(seed):
        net = Net(levels)
        _train(net, torch.from_numpy(codes))
        drawn = _drawn(net, torch.from_numpy(codes), rows, seed)
    return {c.name: drawn[:, i] for i, c in enumerate(columns)}


class Net(nn.Module):  # type: ignore[misc]
    """Rows of classes in, chances of classes out."""

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.levels = list(levels)
        self.starts = torch.tensor(np.cumsum([0, *levels[:-1]]))
        self.embedded = nn.Embedding(sum(levels), EMBEDDED)
        inner = EMBEDDED * len(levels)
        self.into = nn.Sequential(nn.Linear(inner, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU())
        self.mean, self.spread = nn.Linear(WIDTH, LATENT), nn.Linear(WIDTH, LATENT)
        self.out = nn.Sequential(
            nn.Linear(LATENT, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, sum(levels))
        )

    def encode(self, codes: Any) -> tuple[Any, Any]:
        """Mean and logarithm of the variance of each row's point."""
        inner = self.into(self.embedded(codes + self.starts).flatten(1))
        return self.mean(inner), self.spread(inner).clamp(-8, 4)

    def chances(self, points: Any) -> Any:
        """Per column the logits of its classes."""
        return self.out(points).split(self.levels, 1)

    def loss(self, codes: Any) -> Any:
        """Of the reconstruction and of the divergence, per row."""
        mean, spread = self.encode(codes)
        points = mean + torch.randn_like(mean) * (spread / 2).exp()
        told = sum(
            nn.functional.cross_entropy(logits, codes[:, i], reduction="sum")
            for i, logits in enumerate(self.chances(points))
        )
        apart = -0.5 * (1 + spread - mean**2 - spread.exp()).sum()
        return (told + WEIGHT * apart) / codes.shape[0]


def _train(net: Net, codes: Any) -> None:
    """Until rows held back are told no better."""
    order = torch.randperm(codes.shape[0])
    held = order[: int(codes.shape[0] * HELD_BACK)] if codes.shape[0] * HELD_BACK >= LEAST_HELD else order
    seen = order[held.numel() :] if held.numel() < order.numel() else order
    step = torch.optim.Adam(net.parameters(), RATE)
    epochs = max(STEPS * BATCH // max(seen.numel(), 1), LEAST_EPOCHS)
    epochs = min(epochs, STEPS // max(seen.numel() // BATCH, 1))
    calm = torch.optim.lr_scheduler.OneCycleLR(step, RATE, total_steps=max(epochs, 1) * -(-seen.numel() // BATCH) + 1)
    best, kept, waited = float("inf"), {n: v.clone() for n, v in net.state_dict().items()}, 0
    for _ in range(max(epochs, 1)):
        for part in seen[torch.randperm(seen.numel())].split(BATCH):
            step.zero_grad()
            loss = net.loss(codes[part])
            loss.backward()
            step.step()
            calm.step()
        with torch.no_grad():
            now = float(net.loss(codes[held]))
        if now < best:
            best, waited, kept = now, 0, {n: v.clone() for n, v in net.state_dict().items()}
        else:
            waited += 1
        if waited >= PATIENCE:
            break
    net.load_state_dict(kept)


def _drawn(net: Net, codes: Any, rows: int, seed: int) -> NDArray[np.int64]:
    from sklearn.mixture import GaussianMixture

    with torch.no_grad():
        mean, spread = net.encode(codes)
        at = (mean + torch.randn_like(mean) * (spread / 2).exp()).double().numpy()
        few = int(min(COMPONENTS, max(at.shape[0] // 50, 1)))
        mixture = GaussianMixture(few, covariance_type="full", reg_covar=1e-3, random_state=seed).fit(at)
        points, _ = mixture.sample(rows)
        points = torch.from_numpy(points).float()[torch.randperm(rows)]
        parts = []
        for some in points.split(8192):
            told = [torch.multinomial(logits.softmax(1), 1)[:, 0] for logits in net.chances(some)]
            parts.append(torch.stack(told, 1))
    return np.asarray(torch.cat(parts).numpy(), np.int64)
