"""What came of each official test: read from pytest's results, and told by plan."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree

from tests.conformance.plans import PLANS, Plan, module_of

WORST_FIRST = ("FAIL", "OPEN", "SKIP", "PASS")
MISSING = "MISSING"


def outcomes(junit: str) -> dict[str, str]:
    """Return the worst outcome of each test file; OPEN is a demand that is known not to be met yet."""
    found: dict[str, set[str]] = defaultdict(set)
    for case in ElementTree.fromstring(junit).iter("testcase"):
        # A file that cannot be imported has no class, and its own name instead.
        module = (case.get("classname") or case.get("name") or "").rpartition(".")[2]
        found[module].add(_outcome(case))
    return {module: min(each, key=WORST_FIRST.index) for module, each in found.items()}


def told(found: Mapping[str, str], plans: Iterable[Plan] = PLANS) -> Iterator[str]:
    """Tell the plans with their tests, line by line."""
    counts = []
    for plan in plans:
        yield f"{plan.title} ({plan.name})"
        each = [found.get(module_of(test), MISSING) for test in plan.tests]
        yield from (f"  {outcome:<7} {test}" for outcome, test in zip(each, plan.tests, strict=True))
        counts.append((each.count("PASS"), len(each)))
        yield f"  {counts[-1][0]} of {counts[-1][1]} pass"
        yield ""
    yield f"In all, {sum(passed for passed, _ in counts)} of {sum(total for _, total in counts)} pass."


def is_complete(found: Mapping[str, str], plans: Iterable[Plan] = PLANS) -> bool:
    """Whether every official test is there and passes."""
    return all(found.get(module_of(test)) == "PASS" for plan in plans for test in plan.tests)


def _outcome(case: ElementTree.Element) -> str:
    if case.find("failure") is not None or case.find("error") is not None:
        return "FAIL"
    skipped = case.find("skipped")
    if skipped is None:
        return "PASS"
    return "OPEN" if skipped.get("type") == "pytest.xfail" else "SKIP"
