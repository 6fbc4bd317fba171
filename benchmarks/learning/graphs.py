"""Whom rows join: a graph of a table of pairs, as learned by trees and by node2vec, against the real one.

    python benchmarks/learning/graphs.py [--people 600] [--learner trees --learner node2vec]

Two worlds: friends within circles that no column tells, and buyers of goods by taste. Judged by networkx on the pairs
alone: clustering and transitivity (friends of friends), modularity of the communities it finds, the share of pairs
within a circle-like community, degrees (distance of distributions). "half" is another draw of the same world.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from pathlib import Path

import numpy as np


def friends(random: np.random.Generator, n: int) -> list[tuple[int, int]]:
    circle = random.integers(0, n // 12, n)
    second = random.integers(0, n // 12, n)
    pull = random.pareto(2.5, n) + 0.3
    pairs: set[tuple[int, int]] = set()
    members = {c: np.flatnonzero((circle == c) | (second == c)) for c in range(n // 12)}
    for a in range(n):
        for _ in range(random.poisson(2 * pull[a])):
            among = members[circle[a] if random.random() < 0.8 else second[a]]
            b = int(random.choice(among)) if random.random() < 0.92 else int(random.integers(n))
            if a != b and (b, a) not in pairs:
                pairs.add((a, b))
    return sorted(pairs)


def world(place: Path, seed: int, n: int) -> list[tuple[int, int]]:
    """A database of people and friendships; the pairs."""
    random = np.random.default_rng(seed)
    pairs = friends(random, n)
    with sqlite3.connect(place) as base:
        base.executescript(
            "create table person(id integer primary key, age integer not null, plan text not null);"
            "create table friendship(id integer primary key, one integer not null references person(id),"
            " other integer not null references person(id), since integer not null);"
        )
        plan = random.choice(["free", "paid"], n)
        base.executemany(
            "insert into person values(?,?,?)", [(i, int(random.integers(18, 70)), str(plan[i])) for i in range(n)]
        )
        base.executemany(
            "insert into friendship values(?,?,?,?)",
            [(i, a, b, int(random.integers(2000, 2024))) for i, (a, b) in enumerate(pairs)],
        )
    return pairs


def told(pairs: list[tuple[int, int]], n: int) -> dict[str, float]:
    import networkx as nx

    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_edges_from((a, b) for a, b in pairs if a != b)
    found = nx.community.louvain_communities(graph, seed=0)
    return {
        "clustering": nx.average_clustering(graph),
        "transitivity": nx.transitivity(graph),
        "modularity": nx.community.modularity(graph, found),
        "self": float(np.mean([a == b for a, b in pairs])),
        "twice": 1 - len({tuple(sorted(p)) for p in pairs}) / max(len(pairs), 1),
    }


def degrees(pairs: list[tuple[int, int]], n: int) -> np.ndarray:
    return np.sort(np.bincount(np.array(pairs).ravel(), minlength=n))


def made(source: Path, learner: str, n: int, out: Path) -> tuple[list[tuple[int, int]], float]:
    from understudy import workflow
    from understudy.model.request import Request
    from understudy.planning import plan

    begun = time.process_time()
    fitted = workflow.fit(f"sqlite:///{source}", learners={"friendship": learner})
    bundle = plan(fitted.model.schema, Request(rows={"person": n}, seed=1), fitted=fitted)
    cost = time.process_time() - begun
    workflow.generate(bundle, f"sqlite:///{out}")
    with sqlite3.connect(out) as base:
        numbers = {r[0]: i for i, r in enumerate(base.execute("select id from person order by id"))}
        return [(numbers[a], numbers[b]) for a, b in base.execute("select one, other from friendship")], cost


def main() -> None:
    """Print one line per learner."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--people", type=int, default=600)
    asked.add_argument("--learner", action="append")
    given = asked.parse_args()
    n = given.people
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        real = world(place / "real.db", 1, n)
        lines = {"real": (real, 0.0), "half": (world(place / "half.db", 2, n), 0.0)}
        for name in given.learner or ("trees", "node2vec"):
            lines[name] = made(place / "real.db", name, n, place / f"{name}.db")
    print("learner | pairs | clustering | transitivity | modularity | self | twice | degrees apart | CPU-s")
    spread = degrees(real, n)
    for name, (pairs, cost) in lines.items():
        found = told(pairs, n)
        apart = float(np.abs(degrees(pairs, n) - spread).mean())
        print(name, len(pairs), *(f"{v:.3f}" for v in found.values()), f"{apart:.2f}", f"{cost:.1f}", sep=" | ")


if __name__ == "__main__":
    main()
