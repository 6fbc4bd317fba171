"""Statistical battery for ``understudy.rng``, and what each primitive costs.

    python benchmarks/battery.py               our own tests and the table of costs (about two minutes)
    python benchmarks/battery.py --dieharder   also streams the hash into dieharder (Debian package), minutes more
    python benchmarks/battery.py --check       proves that the tests can fail: weakened constructions must be caught

A test yields a two-sided p-value; the run fails (exit code 1) where one is below 0.001 / number of tests
(Bonferroni). Everything is keyed, so a run gives the same figures each time. Results: docs/evidence/randomness.md.
"""

from __future__ import annotations

import argparse
import itertools
import math
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
from scipy import stats

from understudy import rng
from understudy.rng import permutation, rounds

Result = tuple[str, float]
KEY = rng.key(20261121, "battery")
COUNT = 1 << 20
ALPHA = 0.001


# ---- p-values -----------------------------------------------------------------------------------
def two_sided(upper: float, lower: float) -> float:
    return min(1.0, 2 * min(upper, lower))


def chi_square(observed: np.ndarray, expected: np.ndarray | float, lost: int = 1) -> float:
    """Too far from the expectation, or too near."""
    value = float(((observed - expected) ** 2 / expected).sum())
    law = stats.chi2(observed.size - lost)
    return two_sided(law.sf(value), law.cdf(value))


def normal(score: float) -> float:
    return float(2 * stats.norm.sf(abs(score)))


def poisson(value: int, mean: float) -> float:
    law = stats.poisson(mean)
    return two_sided(law.sf(value - 1), law.cdf(value))


# ---- tests of a stream of words ------------------------------------------------------------------
def bytes_even(z: np.ndarray) -> Iterator[Result]:
    table = z.view(np.uint8).reshape(-1, 8)
    for place in range(8):
        yield f"byte {place}", chi_square(np.bincount(table[:, place], minlength=256), z.size / 256)


def neighbours(z: np.ndarray) -> Iterator[Result]:
    for name, shift in (("high", 56), ("low", 0), ("middle", 28)):
        part = ((z >> np.uint64(shift)) & np.uint64(255)).astype(np.int64)
        for lag in (1, 2, 64):
            pairs = part[:-lag:2][: z.size // 2 - lag] * 256 + part[lag::2][: z.size // 2 - lag]
            yield (
                f"pairs of {name} bytes at lag {lag}",
                chi_square(np.bincount(pairs, minlength=65536), pairs.size / 65536),
            )


def correlation(z: np.ndarray) -> Iterator[Result]:
    unit = rng.unit(z) - 0.5
    for lag in (1, 2, 3, 7, 8, 64, 4096):
        score = float((unit[:-lag] * unit[lag:]).sum()) * 12 / math.sqrt(z.size - lag)
        yield f"serial correlation at lag {lag}", normal(score)


def ones(z: np.ndarray) -> Iterator[Result]:
    counts = np.bincount(np.bitwise_count(z), minlength=65)
    law = stats.binom(64, 0.5).pmf(np.arange(65)) * z.size
    edges = np.concatenate([[0], np.arange(18, 48)])
    yield "ones in a word", chi_square(np.add.reduceat(counts, edges), np.add.reduceat(law, edges))
    changes = np.bitwise_count(z[:-1] ^ z[1:]).astype(np.int64).sum()
    yield "bits changed between words", normal((changes - 32 * (z.size - 1)) / math.sqrt(16 * (z.size - 1)))


def gaps(z: np.ndarray) -> Iterator[Result]:
    hits = np.flatnonzero(z >= np.uint64(15 << 60))
    lengths = np.minimum(np.diff(hits) - 1, 64)
    law = np.append((15 / 16) ** np.arange(64) / 16, (15 / 16) ** 64) * lengths.size
    yield "gaps between words of the upper sixteenth", chi_square(np.bincount(lengths, minlength=65), law)


def orders(z: np.ndarray) -> Iterator[Result]:
    groups = z[: z.size // 5 * 5].reshape(-1, 5)
    rank = (groups[:, :, None] > groups[:, None, :]).sum(axis=2)
    code = rank @ (5 ** np.arange(5))
    seen = np.unique(code, return_counts=True)[1]
    yield "orders of five words", chi_square(np.pad(seen, (0, 120 - seen.size)), groups.shape[0] / 120)


def largest(z: np.ndarray) -> Iterator[Result]:
    top = rng.unit(z).reshape(-1, 16).max(axis=1) ** 16
    yield "largest of sixteen", float(stats.kstest(top, "uniform").pvalue)


def birthdays(z: np.ndarray) -> Iterator[Result]:
    for name, shift in (("upper", 32), ("lower", 0)):
        days = ((z >> np.uint64(shift)) & np.uint64(0xFFFFFFFF)).reshape(-1, 4096)
        spacings = np.sort(np.diff(np.sort(days, axis=1), axis=1), axis=1)
        equal = int((np.diff(spacings, axis=1) == 0).sum())
        yield f"birthday spacings of {name} halves", poisson(equal, days.shape[0] * 4096**3 / 2**34)


def ranks(z: np.ndarray) -> Iterator[Result]:
    """Ranks of random binary matrices, 64 x 64, eliminated all at once."""
    matrices = z[: 64 * 8192].reshape(-1, 64).copy()
    rank = np.zeros(matrices.shape[0], np.int64)
    every = np.arange(matrices.shape[0])
    for bit in range(64):
        column = (matrices >> np.uint64(bit)) & np.uint64(1)
        usable = (column == 1) & (np.arange(64)[None, :] >= rank[:, None])
        found = usable.any(axis=1)
        pivot, target = usable.argmax(axis=1), np.minimum(rank, 63)
        rows = every[found]
        swap = matrices[rows, pivot[found]].copy()
        matrices[rows, pivot[found]] = matrices[rows, target[found]]
        matrices[rows, target[found]] = swap
        column = (matrices[rows] >> np.uint64(bit)) & np.uint64(1)
        column[np.arange(rows.size), target[found]] = 0
        matrices[rows] ^= column * swap[:, None]
        rank[found] += 1
    full = math.prod(1 - 2.0**-i for i in range(1, 65))
    shares = np.array([full, full * 2, 1 - full * 3])  # rank 64; rank 63: 2**-1 * (1 / (1 - 1/2))**2 = 2 times; less
    seen = np.array([(rank == 64).sum(), (rank == 63).sum(), (rank < 63).sum()])
    yield "ranks of binary matrices", chi_square(seen, shares * rank.size)


TESTS = (bytes_even, neighbours, correlation, ones, gaps, orders, largest, birthdays, ranks)


# ---- streams as the engine makes them -------------------------------------------------------------
def streams() -> Iterator[tuple[str, np.ndarray]]:
    rows = np.arange(COUNT, dtype=np.int64)
    yield "rows of one column", rng.bits(rows, KEY)
    yield "every 4,096th row", rng.bits(rows << 12, KEY)
    yield "rows in the upper half of the word", rng.bits(rows << 40, KEY)
    yield "attempts of one row", rng.bits(np.full(COUNT, 77), KEY, rows)
    columns = [rng.bits(rows[: COUNT // 64], rng.key(1, "t", f"c{i}")) for i in range(64)]
    yield "64 columns of a row in turn", np.stack(columns, axis=1).reshape(-1)
    yield "two columns added", rng.bits(rows, rng.key(1, "t", "a")) + rng.bits(rows, rng.key(1, "t", "b"))
    seeds = [rng.bits(rows[: COUNT // 1024], rng.key(i, "t", "a")) for i in range(1024)]
    yield "consecutive seeds in turn", np.stack(seeds, axis=1).reshape(-1)
    owned = rng.mix(rows >> 2, rows & 3)
    yield "identities of owned rows", owned
    yield "owned rows of one column", rng.bits(owned, KEY)
    yield "first ordinals of many parents", rng.mix(rows, np.zeros(1, np.int64))
    yield "differences of neighbours", np.diff(rng.bits(np.arange(COUNT + 1), KEY))


def avalanche() -> Iterator[Result]:
    """Each input bit flips each output bit half of the time: rows, both words of the key, mix's two sides."""
    count = 8192
    row = rng.bits(np.arange(count), rng.key(4, "avalanche"))
    plain = rng.bits(row, KEY)

    def flips(name: str, change: Callable[[int], np.ndarray], start: np.ndarray) -> Result:
        worst = 0.0
        for bit in range(64):
            changed = (start ^ change(bit))[:, None] >> np.arange(64, dtype=np.uint64)[None, :]
            share = (changed & np.uint64(1)).sum(axis=0).astype(np.int64)
            worst = max(worst, float(np.abs(share - count / 2).max()) / math.sqrt(count / 4))
        return name, min(1.0, 4096 * 2 * float(stats.norm.sf(worst)))

    one = [np.uint64(1 << bit) for bit in range(64)]
    mixed = rng.mix(row, plain)
    yield flips("avalanche of the row", lambda b: rng.bits(row ^ one[b], KEY), plain)
    yield flips("avalanche of mix, parent", lambda b: rng.mix(row ^ one[b], plain), mixed)
    yield flips("avalanche of mix, ordinal", lambda b: rng.mix(row, plain ^ one[b]), mixed)


# ---- permutations ---------------------------------------------------------------------------------
def small_permutations() -> Iterator[Result]:
    """n = 2..64, consecutive parents as tweaks: images, pairs within a parent, pairs across neighbours."""
    parents = 200_000
    tweak = np.arange(parents)
    for n in range(2, 65):
        ends = [rng.permute(np.full(parents, x), n, KEY, tweak) for x in (0, 1, n - 1)]
        for name, image in zip(("first", "second", "last"), ends, strict=True):
            yield f"n={n}: image of the {name}", chi_square(np.bincount(image, minlength=n), parents / n)
        across = ends[0][:-1] * n + ends[0][1:]
        yield f"n={n}: neighbouring parents", chi_square(np.bincount(across, minlength=n * n), across.size / n**2)
        inside = np.bincount(ends[0] * n + ends[1], minlength=n * n).reshape(n, n)
        if n > 2:
            yield f"n={n}: pairs", chi_square(inside[~np.eye(n, dtype=bool)], parents / (n * (n - 1)))
        if np.trace(inside):
            yield f"n={n}: equal images", 0.0
        fixed = rng.permute(np.tile(np.arange(n), 4000), n, KEY, np.repeat(np.arange(4000), n))
        points = int((fixed == np.tile(np.arange(n), 4000)).sum())
        yield f"n={n}: fixed points", normal((points - 4000) / math.sqrt(4000))
    for n in (3, 4, 5):
        yield f"n={n}: all orders, by parent", all_orders(n, parents)
        yield f"n={n}: all orders, by key", all_orders_by_key(n, 4_000)


def all_orders(n: int, parents: int) -> float:
    images = rng.permute(np.tile(np.arange(n), parents), n, KEY, np.repeat(np.arange(parents), n))
    return order_p(images.reshape(parents, n), n)


def all_orders_by_key(n: int, keys: int) -> float:
    return order_p(np.array([rng.permute(np.arange(n), n, rng.key(i, "orders")) for i in range(keys)]), n)


def order_p(images: np.ndarray, n: int) -> float:
    place = {order: i for i, order in enumerate(itertools.permutations(range(n)))}
    unique, counts = np.unique(images, axis=0, return_counts=True)
    seen = np.zeros(math.factorial(n))
    seen[[place[tuple(row)] for row in unique.tolist()]] = counts
    return chi_square(seen, images.shape[0] / seen.size)


def large_permutations() -> Iterator[Result]:
    """One key: neighbours, differences, fixed points, adjacency, images over keys; also per parent."""
    for n in (1_000, 65_537, 100_003, 1 << 20, 1_000_003, 10**9 + 7, 1 << 40, 10**15):
        for label in ("one key", "per parent"):
            yield from one_large(n, label)
    for n in (100_003, 10**9 + 7):
        for keys in ("seeds", "parents"):
            if keys == "seeds":
                first = np.array([rng.permute(np.array([0, 1]), n, rng.key(i, "k")) for i in range(20_000)])
            else:
                parent = np.repeat(np.arange(20_000), 2)
                first = rng.permute(np.tile([0, 1], 20_000), n, KEY, parent).reshape(-1, 2)
            cells = first * 16 // n
            yield (
                f"n={n}: images of 0 and 1 over {keys}",
                chi_square(np.bincount(cells[:, 0] * 16 + cells[:, 1], minlength=256), first.shape[0] / 256),
            )


def one_large(n: int, label: str) -> Iterator[Result]:
    tweak = None if label == "one key" else 5
    size = min(n, 1 << 17)
    image = rng.permute(np.arange(size), n, KEY, tweak)
    cell = (image.astype(np.float64) * (32 / n)).astype(np.int64)
    if n > 1 << 18:
        yield f"n={n}, {label}: images", chi_square(np.bincount(cell, minlength=32), size / 32 * (1 - 0.0))
    for lag in (1, 2, 3, 64):
        pairs = cell[:-lag] * 32 + cell[lag:]
        if n > 1 << 18:
            yield (
                f"n={n}, {label}: pairs at lag {lag}",
                chi_square(np.bincount(pairs, minlength=1024), pairs.size / 1024),
            )
        step = np.sort((image[lag:] - image[:-lag]) % n).astype(np.float64) / n
        grid = np.bincount((step * 64).astype(np.int64), minlength=64)
        yield f"n={n}, {label}: differences at lag {lag}", chi_square(grid, grid.sum() / 64)
        centred = image / n - 0.5
        score = float((centred[:-lag] * centred[lag:]).sum()) * 12 / math.sqrt(size - lag)
        yield f"n={n}, {label}: correlation at lag {lag}", normal(score)
    if n <= 1 << 20:
        fixed = int((image == np.arange(size)).sum())
        yield f"n={n}, {label}: fixed points", poisson(fixed, size / n)
        close = int((np.abs(np.diff(image)) == 1).sum())
        yield f"n={n}, {label}: neighbours kept", poisson(close, 2 * (size - 1) / n)


# ---- the whole run --------------------------------------------------------------------------------
def battery() -> list[Result]:
    results = []
    for name, z in streams():
        results += [(f"{name}: {test}", p) for check in TESTS for test, p in check(z)]
    results += list(avalanche())
    results += [(f"per parent, {name}", p) for name, p in small_permutations()]
    results += list(large_permutations())
    return results


def judge(results: list[Result]) -> list[Result]:
    """The failures."""
    return [(name, p) for name, p in results if not p >= ALPHA / len(results)]


def report(results: list[Result]) -> None:
    values = np.array([p for _, p in results])
    print(f"{len(results)} p-values; a failure is one below {ALPHA / len(results):.1e}")
    print(f"smallest: {values.min():.2e}; below 0.01: {(values < 0.01).sum()} (expected {0.01 * values.size:.0f})")
    for name, p in sorted(results, key=lambda r: r[1])[:5]:
        print(f"  {p:.2e}  {name}")
    for name, p in judge(results):
        print(f"FAILED {p:.2e}  {name}")


def self_check() -> bool:
    """Weakened constructions must fail: the tests can see what they are there for."""
    rows = np.arange(COUNT, dtype=np.uint64)
    weak_hash = (rng.base(rows) + KEY[0]) * np.uint64(0xBF58476D1CE4E5B9)
    found = {"one multiplication": [(t, p) for check in TESTS for t, p in check(weak_hash)]}
    threshold = 1e-9
    with weakened(permutation, "ORDERED", 1), weakened(permutation, "EIGHT", 1):
        found["Feistel of six rounds from n = 2 on"] = list(small_permutations())
    rounds._constants.cache_clear()
    with weakened(rounds, "_ROUNDS", 1):
        found["one round of multiply and xorshift"] = list(large_permutations())
    rounds._constants.cache_clear()
    caught = True
    for name, results in found.items():
        failures = sum(p < threshold for _, p in results)
        print(f"{name}: {failures} of {len(results)} p-values below {threshold:g}")
        caught &= failures > 0
    return caught


class weakened:  # noqa: N801
    """Another value for a constant while the block runs."""

    def __init__(self, module: object, name: str, value: int) -> None:
        self.module, self.name, self.value = module, name, value

    def __enter__(self) -> None:
        self.kept = getattr(self.module, self.name)
        setattr(self.module, self.name, self.value)

    def __exit__(self, *_: object) -> None:
        setattr(self.module, self.name, self.kept)


# ---- dieharder ------------------------------------------------------------------------------------
# Numbers of its tests that end within two minutes each on a stream. Left out: 5, 6, 7 and 14, which dieharder itself
# marks suspect or broken, and 200, which wants a parameter.
DIEHARDER = (
    0,
    1,
    2,
    3,
    4,
    8,
    9,
    10,
    11,
    12,
    13,
    15,
    16,
    17,
    100,
    101,
    102,
    202,
    203,
    204,
    205,
    206,
    207,
    208,
    209,
)


def dieharder() -> bool:
    """Stream rows of one column, and columns in turn, into dieharder; False where it says FAILED."""
    good = True
    for name in ("rows", "columns"):
        for number in DIEHARDER:
            # -Y 1: what looks weak is run on with more samples until it passes or fails
            command = [
                "dieharder",
                "-g",
                "200",
                "-Y",
                "1",
                "-d",
                str(number),
                "-D",
                "test_name",
                "-D",
                "ntuple",
                "-D",
                "psamples",
            ]
            command += ["-D", "pvalues", "-D", "assessment", "-c", "|"]
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
                feed(process, name)
                text = process.stdout.read().decode() if process.stdout else ""
            for line in text.splitlines():
                print(f"{name:8}|{line}", flush=True)
            good &= "FAILED" not in text and process.returncode == 0
    return good


def feed(process: subprocess.Popen[bytes], name: str) -> None:
    """Words until the reader has enough."""
    keys = [rng.key(8, "stream", i) for i in range(64)]
    start = 0
    try:
        while process.stdin:
            if name == "rows":
                words = rng.bits(np.arange(start, start + COUNT), KEY)
                start += COUNT
            else:
                rows = np.arange(start, start + COUNT // 64)
                words = np.stack([rng.bits(rows, k) for k in keys], axis=1)
                start += COUNT // 64
            process.stdin.write(words.tobytes())
    except BrokenPipeError:
        return


# ---- costs ----------------------------------------------------------------------------------------
def cost(call: Callable[[], object], count: int) -> float:
    """Nanoseconds a row, the best of nine."""
    call()
    best = math.inf
    for _ in range(9):
        start = time.process_time()
        for _ in range(4):
            call()
        best = min(best, (time.process_time() - start) / 4)
    return best / count * 1e9


def costs() -> Iterator[tuple[str, float]]:
    n = 65536
    x = np.arange(n)
    base, z = rng.base(x), rng.bits(x, KEY)
    table, law = rng.slots([5, 4, 3, 2, 1]), rng.Quantiles(np.cumsum(np.arange(4097) * 100))
    power, parent, per = rng.zipf_law(10**6, 1.05), x // 8, x % 8
    draws: list[tuple[str, Callable[[], object]]] = [
        ("bits_of_base", lambda: rng.bits_of_base(base, KEY)),
        ("bits", lambda: rng.bits(x, KEY)),
        ("bits, an attempt per row", lambda: rng.bits_of_base(base, KEY, per)),
        ("mix", lambda: rng.mix(base, x)),
        ("below 1,000", lambda: rng.below(z, 1000)),
        ("below 2**40", lambda: rng.below(z, 1 << 40)),
        ("uniform", lambda: rng.uniform(z, 5, 99)),
        ("chance", lambda: rng.chance(z, 0.3)),
        ("unit", lambda: rng.unit(z)),
        ("choose (5 categories)", lambda: rng.choose(z, table)),
        ("quantile (4,097 points)", lambda: rng.quantile(z, law)),
        ("zipf (a million ranks)", lambda: rng.zipf(z, 10**6, power)),
        ("permute, 50,000", lambda: rng.permute(x % 50_000, 50_000, KEY)),
        ("permute, 2**20", lambda: rng.permute(x, 1 << 20, KEY)),
        ("permute, 1,000,003", lambda: rng.permute(x, 1_000_003, KEY)),
        ("invert, 1,000,003", lambda: rng.invert(x, 1_000_003, KEY)),
        ("permute, 10**12", lambda: rng.permute(x, 10**12, KEY)),
        ("permute per parent, 8 of 8 together", lambda: rng.permute(per, 8, KEY, parent)),
        ("permute per parent, 8, scattered", lambda: rng.permute(per, 8, KEY, x)),
        ("permute per parent, 1,000", lambda: rng.permute(x % 1000, 1000, KEY, x)),
    ]
    for name, call in draws:
        yield name, cost(call, n)
    yield from link_costs(n)


def link_costs(n: int) -> Iterator[tuple[str, float]]:
    x, million = np.arange(n), 1_000_003
    law = [1.0, 2.0, 3.0, 2.0, 1.0, 0.5, 0.2, 0.1]
    counts = rng.Counts(million, 2_900_000, 1, 8, law, KEY)
    scattered = rng.permute(x, 2_900_000, KEY)

    def fresh() -> None:
        made = rng.Counts(million, 2_900_000, 1, 8, law, KEY)
        for low in range(0, 2_900_000 - n, n):
            made.children_range(low, low + n)

    yield "Counts, children at first sight", cost(fresh, 2_900_000 // n * n)
    yield "Counts.children_range", cost(lambda: counts.children_range(10**6, 10**6 + n), n)
    yield "Counts.parent_of, scattered", cost(lambda: counts.parent_of(scattered), n)
    yield "Counts.offset", cost(lambda: counts.offset(x), n)
    spread = rng.Spread(200_000, 1_000_000, 1.0, 1, 0, KEY)
    yield "Spread.parent_of", cost(lambda: spread.parent_of(x), n)
    yield "Spread.count", cost(lambda: spread.count(x), n)
    found = spread.children(x)[0].size
    yield "Spread.children, a child", cost(lambda: spread.children(x), found)
    forest = rng.Forest(10**6, 300, 7, KEY)
    yield "Forest.find, neighbouring rows", cost(lambda: forest.find(x), n)
    far = rng.permute(np.arange(4096), 10**6, KEY)
    yield "Forest.find, scattered rows", cost(lambda: forest.find(far), 4096)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dieharder", action="store_true", help="also run dieharder on the hash")
    parser.add_argument("--check", action="store_true", help="prove on weakened constructions that tests can fail")
    parser.add_argument("--no-costs", action="store_true", help="leave the table of costs out")
    options = parser.parse_args()
    results = battery()
    report(results)
    good = not judge(results)
    if options.check:
        good &= self_check()
    if not options.no_costs:
        print("\nnanoseconds a row (batches of 65,536, CPU time)")
        for name, value in costs():
            print(f"  {name:40}{value:8.1f}")
    if options.dieharder:
        good &= dieharder()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
