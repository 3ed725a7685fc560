"""`passerelle bounces`: to whom Mailgun no longer sends, and let a bounced address have another try."""

import argparse
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from cli.account import Account, add_source, find_account
from cli.bounded import bounded
from cli.problems import Problem, Refused
from passerelle.errors import StoreUnavailable
from passerelle.otp.limits import suppression_key
from passerelle.otp.message import is_address

PAGE = 100
MAX_PAGES = 1000

Entry = dict[str, Any]


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "bounces", help="list the addresses that bounced, or clear one", description=__doc__
    )
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    shown = actions.add_parser("list", help="list the addresses that bounced")
    shown.set_defaults(run=_list)
    cleared = actions.add_parser(
        "clear",
        help="clear an address, so that messages to it are tried again",
        description="Clear a bounced address at Mailgun and, with --stack or --local, in the app's table.\n"
        "An address whose owner complained of spam is never cleared.",
    )
    cleared.add_argument("address", metavar="ADDRESS")
    cleared.set_defaults(run=_clear)
    for action in (shown, cleared):
        add_source(action)


def _list(options: argparse.Namespace) -> int:
    account = find_account(options)
    with _client(account) as client:
        entries = list(_bounces(client, account))
    if options.json:
        print(json.dumps({"bounces": entries}, indent=2))
        return 0
    for entry in entries:
        print(f"{entry.get('address')}  {entry.get('code')}  {entry.get('created_at')}  {entry.get('error')}")
    print(f"{len(entries)} bounced address{'' if len(entries) == 1 else 'es'} at {account.config.domain}")
    return 0


def _clear(options: argparse.Namespace) -> int:
    if not is_address(options.address):
        raise Problem(f"{options.address!r} is not one plain address")
    account = find_account(options)
    with _client(account) as client:
        has_complained = _asked(client, "GET", f"complaints/{_quoted(options.address)}").status_code == 200
        was_there = not has_complained and _delete(client, options.address)
    if not has_complained:
        _forget(account, options.address)
    is_lifted = account.stack is not None and not has_complained
    said = {"address": options.address, "cleared": was_there, "complained": has_complained}
    said["mark_lifted"] = is_lifted
    if options.json:
        print(json.dumps(said))
    elif has_complained:
        print(f"{options.address} has complained of spam: that is not cleared. Ask its owner first.")
    else:
        print(f"{options.address} {'is cleared' if was_there else 'had not bounced at Mailgun'}.")
        if not is_lifted:
            print("The app keeps a mark of its own for up to a week: --stack NAME or --local URL lifts it.")
    return 1 if has_complained else 0


def _forget(account: Account, address: str) -> None:
    """Lift the stack's own mark, which lasts a week else."""
    if account.stack is None:
        return
    try:
        account.stack.messages.clear_suppression(suppression_key(account.stack.keyring, address))
    except StoreUnavailable as error:
        raise Refused(f"cleared at Mailgun, but not in the table: {error.reason}; run it again") from None


def _delete(client: httpx.Client, address: str) -> bool:
    return _asked(client, "DELETE", f"bounces/{_quoted(address)}").status_code == 200


def _bounces(client: httpx.Client, account: Account) -> Iterator[Entry]:
    url, origin = f"bounces?limit={PAGE}", urlsplit(account.config.endpoint)[:2]
    for _ in range(MAX_PAGES):
        page = _asked(client, "GET", url).json()
        items = page.get("items") or []
        yield from items
        url = str((page.get("paging") or {}).get("next") or "")
        # The key goes nowhere but to the endpoint, whatever an answer names as its next page.
        if len(items) < PAGE or urlsplit(url)[:2] != origin:
            return


def _client(account: Account) -> httpx.Client:
    base = f"{account.config.endpoint.rstrip('/')}/v3/{quote(account.config.domain, safe='')}/"
    return httpx.Client(
        base_url=base, auth=("api", account.read_api_key), timeout=httpx.Timeout(10, connect=3)
    )


def _asked(client: httpx.Client, method: str, url: str) -> httpx.Response:
    try:
        answer = bounded(client, method, url)
    except httpx.HTTPError as error:
        raise Refused(f"Mailgun does not answer: {type(error).__name__}") from None
    if answer.status_code in (401, 403):
        raise Refused(
            "Mailgun does not let this key look at bounces. A sending key may only send: "
            "put a key of the account into MAILGUN_READ_API_KEY, or into the secret as readApiKey"
        )
    if answer.status_code not in (200, 404) or not _is_json(answer):
        raise Refused(f"Mailgun answered {answer.status_code}: is endpoint the right one?")
    if answer.status_code == 404 and "domain" in str(answer.json().get("message", "")).lower():
        raise Refused(f"{answer.json()['message']}: another account, or the other region (endpoint)?")
    return answer


def _is_json(answer: httpx.Response) -> bool:
    try:
        return isinstance(answer.json(), dict)
    except ValueError:
        return False


def _quoted(address: str) -> str:
    return quote(address, safe="@")
