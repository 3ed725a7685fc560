"""`passerelle provision` finds again what it made at Logto, and keeps what somebody has changed there."""

from dataclasses import replace

import pytest

from cli.versions import Version
from local.logto import Client, Hook
from tests.support.cloudformation import STACK
from tests.unit.cli.provision.deployed import EVENTS, Deployed, provision


def test_what_somebody_has_added_to_the_application_is_kept(deployed: Deployed) -> None:
    assert provision() == 0
    mine = deployed.application
    deployed.logto.clients[mine.id] = replace(
        mine,
        name="Our own name",
        redirect_uris=("https://other.example/callback",),
        post_logout_redirect_uris=(),
        backchannel_logout_session_required=False,
        logo_uri="https://other.example/logo.png",
        custom_data=mine.custom_data | {"theirs": 1},
    )
    assert provision("--plan") == 2
    assert provision() == 0
    url, now = deployed.stack.app_url, deployed.application
    assert now.name == "Our own name"
    assert now.redirect_uris == ("https://other.example/callback", f"{url}/callback")
    assert now.post_logout_redirect_uris == (f"{url}/logged-out",)
    assert now.backchannel_logout_session_required is True
    assert now.logo_uri == "https://other.example/logo.png"
    assert now.custom_data == mine.custom_data | {"theirs": 1}


def test_the_application_is_found_again_without_the_secret(deployed: Deployed) -> None:
    assert provision() == 0
    before, mine = deployed.everything(), deployed.application
    deployed.logto.clients[mine.id] = replace(mine, name="Our own name")
    deployed.write("LogtoSecret", {"clientId": "", "clientSecret": ""})
    assert provision() == 0
    deployed.logto.clients[mine.id] = replace(deployed.application, name=mine.name)
    assert deployed.everything() == before


def test_of_two_that_were_made_the_older_is_used_and_the_other_named(
    deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    assert provision() == 0
    mine = deployed.application
    twin = replace(mine, id="a-twin", created_at=mine.created_at + 1)
    deployed.logto.clients["a-twin"] = twin
    deployed.write("LogtoSecret", {"clientId": "", "clientSecret": ""})
    assert provision() == 0
    assert deployed.read("LogtoSecret")["clientId"] == mine.id
    assert "to be deleted: a-twin" in capsys.readouterr().out
    # Also when the secret has named the one that is used since.
    assert provision() == 0
    assert "to be deleted: a-twin" in capsys.readouterr().out


def test_an_application_that_was_made_by_hand_is_taken_over(deployed: Deployed) -> None:
    url = deployed.stack.app_url
    custom = {"theirs": 1}
    by_hand = Client("hand", "its-secret", "By hand", (f"{url}/callback",), custom_data=custom)
    deployed.logto.clients["hand"] = by_hand
    deployed.write("LogtoSecret", {"clientId": "hand", "clientSecret": "its-secret", "theirs": "x"})
    assert provision() == 0
    assert deployed.application.id == "hand"
    assert deployed.application.custom_data["passerelle"]["stack"].endswith(STACK)
    assert deployed.application.custom_data["theirs"] == 1
    assert deployed.application.redirect_uris == (f"{url}/callback",)
    secret = deployed.read("LogtoSecret")
    assert (secret["clientId"], secret["clientSecret"], secret["theirs"]) == ("hand", "its-secret", "x")


@pytest.mark.parametrize(
    ("client", "told"),
    [
        (Client("x", "s", "Page", (), type="SPA"), "Traditional"),
        (Client("x", "s", "Other", (), custom_data={"passerelle": {"stack": "arn/other"}}), "arn/other"),
    ],
)
def test_an_application_that_cannot_be_the_stacks_is_left_alone(
    deployed: Deployed, capsys: pytest.CaptureFixture[str], client: Client, told: str
) -> None:
    deployed.logto.clients["x"] = client
    deployed.write("LogtoSecret", {"clientId": "x", "clientSecret": "s"})
    assert provision() == 2
    assert told in capsys.readouterr().err
    assert deployed.logto.clients["x"] == client
    assert not deployed.logto.hooks


def test_a_client_secret_that_logto_has_no_more_is_replaced(deployed: Deployed) -> None:
    assert provision() == 0
    mine = deployed.application
    deployed.logto.clients[mine.id] = replace(mine, secret="")
    assert provision() == 0
    [new] = deployed.application.secrets
    assert deployed.read("LogtoSecret")["clientSecret"] == new.value != mine.secret


def test_a_webhook_whose_key_is_being_rotated_is_left_alone(deployed: Deployed) -> None:
    assert provision() == 0
    [old] = deployed.logto.hooks.values()
    new = Hook("second", "By hand", old.events, dict(old.config), "second-key", enabled=False)
    deployed.logto.hooks["second"] = new
    assert provision() == 0
    assert deployed.read("LogtoSecret")["webhookSigningKeys"] == [old.signing_key, "second-key"]
    assert not new.enabled
    assert provision("--plan") == 0
    old.enabled, new.enabled = False, True
    assert provision("--plan") == 0


def test_a_webhook_follows_the_stack_to_another_address(deployed: Deployed) -> None:
    assert provision() == 0
    [hook] = deployed.logto.hooks.values()
    hook.config["url"], hook.events, hook.enabled = (
        "https://before.example/webhooks/logto",
        ["User.Created"],
        False,
    )
    assert provision() == 0
    [hook] = deployed.logto.hooks.values()
    assert hook.config["url"] == f"{deployed.stack.app_url}/webhooks/logto"
    assert hook.events == ["User.Created", *EVENTS]
    assert hook.enabled


def test_the_webhook_is_switched_on_when_its_key_is_in_the_secret(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before: list[bool] = []
    really = Version.replace_by

    def noting(self: Version, value: dict[str, object]) -> Version:
        before.extend(hook.enabled for hook in deployed.logto.hooks.values() if "LogtoSecret" in self.name)
        return really(self, value)

    monkeypatch.setattr(Version, "replace_by", noting)
    assert provision() == 0
    assert before == [False]
    assert [hook.enabled for hook in deployed.logto.hooks.values()] == [True]
