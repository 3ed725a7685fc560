"""Write alarms and dashboard down as they are: python -m tests.observe.snapshot."""

import json

from tests.observe.template import ALARMS, WIDGETS
from tests.observe.test_dashboard import SNAPSHOT

if __name__ == "__main__":
    SNAPSHOT.write_text(json.dumps({"alarms": ALARMS, "widgets": WIDGETS}, indent=1) + "\n")
