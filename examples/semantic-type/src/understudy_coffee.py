"""Semantic types of a coffee roaster: one file, found by the entry point in pyproject.toml.

Types are described as those in the package's own ``types/*.json``; ``understudy types coffee_variety`` shows what comes
of it.
"""

TYPES = {
    "types": [
        {
            "name": "coffee_variety",
            "maker": "pool",
            "names": ["coffee variety", "bean variety", "coffee: variety", "bean: variety", "cultivar"],
            "options": {"pool": "coffee.variety", "exponent": 0.5},
            "about": "a variety of the coffee plant",
        },
        {
            "name": "roast_batch",
            "maker": "pattern",
            "names": ["roast batch", "roast batch number", "roast: batch"],
            "options": {"pattern": ["{R}######{-}AA"]},
            "about": "the number of a roast",
            "pattern": "R\\d{6}-[A-Z]{2}",
        },
    ],
    "pools": {
        "variety": [
            "Bourbon",
            "Typica",
            "Caturra",
            "Catuai",
            "Geisha",
            "Pacamara",
            "SL28",
            "SL34",
            "Mundo Novo",
            "Maragogype",
            "Heirloom",
            "Castillo",
        ],
    },
}
