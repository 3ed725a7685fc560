"""What the bench counted, and what a test measured: the figures that the model of growth is fed."""

from collections.abc import Mapping

from tests.bench.items import Measured

Counts = Mapping[str, Mapping[str, Mapping[str, int]]]

COUNTED: Counts = {
    "callback": {"cold": {"dynamodb": 2, "logto": 3, "secrets": 2}, "warm": {"dynamodb": 2, "logto": 1}},
    "login": {"cold": {"logto": 1, "secrets": 2}, "warm": {}},
    "logout": {"cold": {"dynamodb": 1, "logto": 2, "secrets": 2}, "warm": {"dynamodb": 1, "logto": 1}},
    "mailgun_webhook": {"cold": {"dynamodb": 2, "secrets": 2}, "warm": {"dynamodb": 2}},
    "send_otp": {
        "cold": {"dynamodb": 4, "mailgun": 1, "secrets": 3},
        "warm": {"dynamodb": 2, "mailgun": 1},
    },
    "refresh": {"cold": {"dynamodb": 3, "logto": 3, "secrets": 2}, "warm": {"dynamodb": 3, "logto": 1}},
    "sessions": {"cold": {"dynamodb": 2, "secrets": 1}, "warm": {"dynamodb": 2}},
    "backchannel_logout": {"cold": {"dynamodb": 3, "logto": 2, "secrets": 2}, "warm": {"dynamodb": 3}},
    "logto_webhook": {"cold": {"dynamodb": 1, "secrets": 2}, "warm": {"dynamodb": 1}},
    "session": {"cold": {"dynamodb": 1, "secrets": 1}, "warm": {"dynamodb": 1}},
    "health": {"cold": {}, "warm": {}},
}
"""As `python -m tests.bench --json` counted them; a test compares. `home` takes one read more."""

MEASURED = Measured(
    session=630,
    mark=119,
    finished_mark=194,
    revocation=113,
    message=147,
    settled_message=202,
    counter=76,
    event=67,
    lines={
        "session": 0,
        "login": 379,
        "callback": 592,
        "logout": 491,
        "send_otp": 736,
        "mailgun_webhook": 685,
        "renewal": 378,
    },
    access_line=243,
    lifetimes={
        "marks": 1200,
        "sessions used once": 1209600,
        "sessions used again": 86400,
        "messages": 259200,
        "events": 172800,
        "counts": 10800,
    },
)
"""Bytes and seconds of what the real code writes for a user with all claims; a test measures them."""

OPERATIONS = {
    "callback": ("mark", "finish"),
    "session": ("check",),
    "logout": ("end",),
    "send_otp": ("claim", "settle"),
    "mailgun_webhook": ("look", "note"),
}
"""What the counted calls to DynamoDB are.

A session in use is touched now and then, and its tokens are renewed each hour, besides. Shares of the limits
that all messages have in common are reserved once for a two-hundredth of them.
"""
