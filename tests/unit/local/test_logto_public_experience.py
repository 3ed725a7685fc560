"""What the embedded Logto tells everybody of how people sign in, as a real one tells its own pages."""

import httpx

from local.logto import Client, EmbeddedLogto

WEB = Client(id="web", secret="s", name="Web", redirect_uris=("http://localhost/cb",))


def test_the_experience_is_public_but_for_two_members() -> None:
    logto = EmbeddedLogto(
        issuer="http://localhost:3001/oidc",
        clients=[WEB],
        connector_endpoint=None,
        connector_authorization=None,
    )
    policy = {"expirationDuration": 900}
    logto.sign_in_experience = logto.sign_in_experience | {"verificationCodePolicy": policy}
    transport = httpx.WSGITransport(app=logto.app)
    with httpx.Client(transport=transport, base_url="http://localhost:3001") as http:
        answer = http.get("/api/.well-known/sign-in-exp")
        assert answer.status_code == 200
        assert answer.json()["verificationCodePolicy"] == policy
        assert logto.sign_in_experience.keys() - answer.json().keys() == {
            "emailBlocklistPolicy",
            "forgotPasswordMethods",
        }
        assert http.get("/api/sign-in-exp").status_code == 401
