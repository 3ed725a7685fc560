"""`make bench-peers`: Passerelle beside Auth.js and Logto's own Mailgun connector, in one run.

Both sides run as processes of their own under the same Runtime API, take turns in every round, and talk to
the same embedded Logto, Mailgun and AWS.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from local.config import Config
from local.stack import Stack
from tests.bench import built, plot, tables
from tests.bench.calls import count_calls
from tests.bench.deployed import Figures, Opened, measure, ours
from tests.bench.events import BUSY
from tests.bench.machine import machine, sentence
from tests.bench.peer_programs import Peers, build, versions
from tests.bench.quiet import silence

RESULTS = built.BUILD / "peers.json"


def main() -> None:
    """Measure both sides, keep the results, and print them."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.beside", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds (%(default)s)")
    options = parser.parse_args()
    silence()
    try:
        built.prepare()
        build()
    except built.CannotMeasure as reason:
        sys.exit(f"The peers are not measured: {reason}.")
    results: Figures = {"machine": machine(), "rounds": options.rounds, "versions": versions()}
    results["figures"] = measure(both, options.rounds, _tell)
    results["sizes"] = built.deployed_sizes()
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    (built.BUILD / "peers.svg").write_text(plot.of_peers(results["figures"]))
    print(f"{sentence(results['machine'])}; medians of {options.rounds} rounds\n")
    print(tables.beside_peers(results["figures"]), end="\n\n")
    print(tables.calls_of_peers(results["figures"]), end="\n\n")
    print(tables.absolute_goals(results["figures"], results["sizes"]))


@contextmanager
def both() -> Iterator[Opened]:
    """Ours and the peers in front of one stack, each function next to its peer."""
    with Stack(Config.ephemeral(**BUSY)) as stack:
        calls = count_calls(stack)
        with Peers(stack) as peers:
            order, theirs = list(tables.PATHS), peers.subjects()
            # Those without a peer would only fill the table of the stand-in, which becomes slow.
            has_peer = {peer.name.removeprefix("peer ") for peer in theirs}
            subjects = [one for one in ours(stack) if one.name in has_peer] + theirs
            subjects.sort(key=lambda one: order.index(one.name.removeprefix("peer ")))
            yield subjects, calls


def _tell(progress: str) -> None:
    print(f"Beside the peers: {progress}", file=sys.stderr)


if __name__ == "__main__":
    main()
