"""Imports a function, builds its services and invokes it: the program whose instructions are counted.

Runs in Lambda's Python with nothing but the layers and the function on its path: no tests, no stand-ins.
Usage: driver.py EVENTS.json STATUS
"""

import json
import sys
from types import SimpleNamespace

import app  # type: ignore[import-not-found]

from passerelle import runtime

runtime.services()
with open(sys.argv[1]) as file:
    events = json.load(file)
for event in events:
    answer = app.handler(event, SimpleNamespace(aws_request_id="00000000-0000-0000-0000-000000000000"))
    if answer["statusCode"] != int(sys.argv[2]):
        sys.exit(f"answered {answer}")
