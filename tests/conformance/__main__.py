"""`make conformance`: run the OpenID Foundation's relying-party tests and tell what came of each."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conformance.report import is_complete, outcomes, told

HERE = Path(__file__).parent


def main() -> int:
    """Run, tell, and return 1 unless all of them pass."""
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.xml"
        files = sorted(map(str, HERE.glob("test_oidcc_*.py")))
        options = ["-q", "-n", "auto", "--dist", "loadfile", f"--junitxml={results}"]
        run = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *files], capture_output=True, text=True, check=False
        )
        found = outcomes(results.read_text()) if results.exists() else {}
    if run.returncode:
        print(run.stdout, run.stderr, sep="\n", file=sys.stderr)
    print("\n".join(told(found)))
    return int(run.returncode != 0 or not is_complete(found))


if __name__ == "__main__":
    sys.exit(main())
