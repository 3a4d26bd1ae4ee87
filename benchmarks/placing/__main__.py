"""Print the tables of ``docs/assign.md``: ``python -m benchmarks.placing worth weeks scale ratio``."""

from __future__ import annotations

import argparse
import sys

from benchmarks.placing.command_ratio import measure_ratios
from benchmarks.placing.oracle_share import measure_oracle_shares
from benchmarks.placing.placement_costs import measure_costs
from benchmarks.placing.waiting_times import measure_waiting_times

PARTS = {
    "worth": measure_oracle_shares,
    "weeks": measure_waiting_times,
    "scale": measure_costs,
    "ratio": measure_ratios,
}


def main() -> None:
    """Print the tables named on the command line, or all of them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.placing", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="tables to print (default: all)")
    for name in parser.parse_args().parts or PARTS:
        print(f"\n## {name}\n\n{PARTS[name](lambda step: print(step, file=sys.stderr, flush=True))}")


if __name__ == "__main__":
    main()
