"""Write the golden digests anew: ``python -m tests.golden.renew``. Only for a new era."""

from __future__ import annotations

import json
from pathlib import Path

from tests.golden.era_plan import digests

from understudy.model.plan import ERA

PLACE = Path(__file__).with_name("era.json")


def main() -> None:
    """Overwrite the file."""
    PLACE.write_text(json.dumps({"era": ERA, "tables": digests()}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
