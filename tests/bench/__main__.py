"""`make bench`: what each function costs, measured here and now.

As deployed, where Python 3.13 is found: every function in a process of its own under Lambda's runtime
interface client, with the layers as they are built for deployment. Everywhere: import ratios, calls and
processor time in this process.
"""

import argparse
import json
import sys

from tests.bench import built, tables
from tests.bench.deployed import Figures, measure, ours_alone
from tests.bench.inprocess import in_process
from tests.bench.machine import machine
from tests.bench.quiet import silence

RESULTS = built.BUILD / "results.json"


def main() -> None:
    """Measure, keep the results, and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each part (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args()
    silence()
    results: Figures = {"machine": machine(), "rounds": options.rounds, "deployed": None, "sizes": None}
    try:
        built.prepare()
    except built.CannotMeasure as reason:
        print(f"Not measured as deployed: {reason}.", file=sys.stderr)
        results["machine"] |= {"python": "", "node": ""}
    else:
        results["deployed"] = measure(ours_alone, options.rounds, _tell)
        results["sizes"] = built.deployed_sizes()
    results["in_process"] = in_process(options.rounds)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    print(json.dumps(results, indent=2) if options.json else tables.of_bench(results))


def _tell(progress: str) -> None:
    print(f"As deployed: {progress}", file=sys.stderr)


if __name__ == "__main__":
    main()
