"""Prints the tables of ``docs/assign.md``: ``python -m benchmarks.placing worth weeks scale``."""

from __future__ import annotations

import argparse
import sys

from benchmarks.placing.scale import scale
from benchmarks.placing.weeks import weeks
from benchmarks.placing.worth import worth

PARTS = {"worth": worth, "weeks": weeks, "scale": scale}


def main() -> None:
    """Print the parts that are asked for, all when none is."""
    asks = argparse.ArgumentParser(prog="python -m benchmarks.placing", description=__doc__)
    asks.add_argument("parts", nargs="*", choices=[*PARTS, []], help="which tables; all when none is named")
    for name in asks.parse_args().parts or PARTS:
        print(f"\n## {name}\n\n{PARTS[name](lambda step: print(step, file=sys.stderr, flush=True))}")


if __name__ == "__main__":
    main()
