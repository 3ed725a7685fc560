"""`make bench-docs`: writes the newest results into `docs/performance.md`, with the plot and the figures."""

import json
import sys
from typing import Any

from tests.bench import beside, instructions, memory, plot, tables
from tests.bench.__main__ import RESULTS
from tests.bench.built import ROOT
from tests.bench.machine import sentence

DOCUMENT = ROOT / "docs/performance.md"
PLOT = DOCUMENT.with_suffix(".svg")
FIGURES = DOCUMENT.with_suffix(".json")


def main() -> None:
    """Replace what stands between the markers of each table, and only where there are results."""
    # Older figures stand where a part was not measured again here.
    figures: dict[str, Any] = json.loads(FIGURES.read_text()) if FIGURES.is_file() else {}
    sources = {"bench": RESULTS, "peers": beside.RESULTS, "memory": memory.RESULTS}
    sources["instructions"] = instructions.KEPT
    figures |= {name: json.loads(path.read_text()) for name, path in sources.items() if path.is_file()}
    text = DOCUMENT.read_text()
    for name, content in blocks(figures).items():
        before, opened, rest = text.partition(f"<!-- {name} -->\n")
        _, closed, after = rest.partition(f"<!-- end of {name} -->\n")
        if not opened or not closed:
            sys.exit(f"{DOCUMENT.name} has no place for {name}")
        text = f"{before}{opened}\n{content}\n\n{closed}{after}"
    DOCUMENT.write_text(text)
    FIGURES.write_text(json.dumps(figures, indent=1) + "\n")
    if "peers" in figures:
        PLOT.write_text(plot.of_peers(figures["peers"]["figures"]))


def blocks(figures: dict[str, Any]) -> dict[str, str]:
    """By marker: the tables, each with the machine that its figures come from."""
    found = {}
    if bench := figures.get("bench"):
        tables_of_bench = [tables.here(bench), tables.in_process(bench["in_process"])]
        if bench["deployed"]:
            tables_of_bench.insert(0, tables.deployed(bench["deployed"]))
            found["sizes"] = tables.sizes(bench["sizes"])
        found["deployed"] = "\n\n".join([_where(bench), *tables_of_bench])
    if peers := figures.get("peers"):
        both = [tables.beside_peers(peers["figures"]), tables.calls_of_peers(peers["figures"])]
        both.append(tables.absolute_goals(peers["figures"], peers["sizes"]))
        found["peers"] = "\n\n".join([_where(peers), *both])
    if sweep := figures.get("memory"):
        where = f"{_where(sweep)[:-1]}; {memory.how(sweep['emulated'])}."
        found["memory"] = f"{where}\n\n{memory.of_sweep(sweep['figures'])}"
    if counted := figures.get("instructions"):
        on = ", ".join(counted["on"].values())
        found["instructions"] = f"{on}.\n\n{instructions.shares_kept(counted['shares'])}"
    return found


def _where(results: dict[str, Any]) -> str:
    return f"{sentence(results['machine'])}; medians of {results['rounds']} rounds."


if __name__ == "__main__":
    main()
