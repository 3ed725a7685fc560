"""Our signatures are those that botocore makes."""

import datetime

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as TheirCredentials
from hypothesis import given
from hypothesis import strategies as st

from passerelle.adapters.signature import Credentials, signed_headers

KEY_TEXT = st.text(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/+=", min_size=16, max_size=64
)
HOSTS = ["dynamodb.eu-central-1.amazonaws.com", "localhost:4566", "127.0.0.1:8080", "x.amazonaws.com.cn"]
HEADER_VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=60)


@given(
    host=st.sampled_from(HOSTS),
    path=st.sampled_from(["", "/", "/a/path"]),
    scheme=st.sampled_from(["https", "http"]),
    target=HEADER_VALUES,
    body=st.binary(max_size=2000),
    key_id=KEY_TEXT,
    secret=KEY_TEXT,
    token=st.one_of(st.just(""), KEY_TEXT),
    region=st.sampled_from(["eu-central-1", "us-gov-west-1", "cn-north-1"]),
    service=st.sampled_from(["dynamodb", "secretsmanager"]),
    moment=st.datetimes(datetime.datetime(2000, 1, 1), datetime.datetime(2099, 1, 1)),
)
def test_every_signature_is_the_one_that_botocore_makes(
    host: str,
    path: str,
    scheme: str,
    target: str,
    body: bytes,
    key_id: str,
    secret: str,
    token: str,
    region: str,
    service: str,
    moment: datetime.datetime,
) -> None:
    url = f"{scheme}://{host}{path}"
    moment = moment.replace(microsecond=0)
    headers = {"content-type": "application/x-amz-json-1.0", "x-amz-target": target}
    theirs = _signed_by_botocore(
        url, headers, body, TheirCredentials(key_id, secret, token or None), region, service, moment
    )
    now = moment.replace(tzinfo=datetime.UTC).timestamp()
    ours = signed_headers(url, headers, body, Credentials(key_id, secret, token), region, service, now)
    assert ours["authorization"] == theirs["Authorization"]
    assert ours["x-amz-date"] == theirs["X-Amz-Date"]
    assert ours.get("x-amz-security-token") == theirs.get("X-Amz-Security-Token")


def test_credentials_do_not_show_their_secrets() -> None:
    credentials = Credentials("AKIDEXAMPLE", "the-secret", "the-token")
    assert "the-secret" not in repr(credentials)
    assert "the-token" not in repr(credentials)


def _signed_by_botocore(
    url: str,
    headers: dict[str, str],
    body: bytes,
    credentials: TheirCredentials,
    region: str,
    service: str,
    moment: datetime.datetime,
) -> dict[str, str]:
    request = AWSRequest("POST", url, headers=dict(headers), data=body)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.auth, "get_current_datetime", lambda *_: moment)
        SigV4Auth(credentials, service, region).add_auth(request)
    return dict(request.headers.items())
