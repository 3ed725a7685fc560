"""The page at the root of the embedded Logto."""

from local.logto import Client, EmbeddedLogto

APP = Client("web", "a secret", "Web <shop>", ("http://localhost:3000/callback?a=b",))
SILENT = Client("cron", "another secret", "Cron", ())


def root(*clients: Client) -> str:
    logto = EmbeddedLogto(
        issuer="http://localhost:3001/oidc",
        clients=clients,
        connector_endpoint="http://localhost:3000/send-otp",
        connector_authorization="Bearer hidden",
    )
    answer = logto.app.test_client().get("/")
    assert answer.status_code == 200
    return answer.text


def test_names_the_issuer_and_leads_to_the_application() -> None:
    page = root(APP)
    assert "<h1>Embedded Logto</h1>" in page
    assert "<code>http://localhost:3001/oidc</code>" in page
    assert '<a href="http://localhost:3000/">Web &lt;shop&gt;</a>' in page
    assert "secret" not in page
    assert "hidden" not in page


def test_leads_nowhere_when_no_application_is_known() -> None:
    assert "<a " not in root(SILENT)
