"""Advice on Logto. By code: what it means, whom it touches, what to do now."""

from collections.abc import Mapping

_NOBODY = "Nobody can sign in. Who is signed in stays so."
_APPLICATION = "In Logto's console, under Applications: "
_PROVISION = "\n./passerelle provision {stack}"
_LOOK = "\ncurl -v {issuer}/.well-known/openid-configuration"

TEXTS: Mapping[str, tuple[str, str, str]] = {
    "logto_unreachable": (
        "Logto does not answer: {cause}.",
        _NOBODY,
        "Logto Cloud: look at https://status.logto.io. Your own: is it running, does its name resolve, is "
        "its "
        "certificate valid?" + _LOOK,
    ),
    "logto_answers_error": (
        "Logto answers {what} where it should not.",
        _NOBODY,
        "404: LogtoIssuer is wrong (it ends in /oidc), or the tenant is gone. 429: Logto limits us; wait. "
        "5xx: for Logto Cloud look at https://status.logto.io; of your own read the log, and see whether "
        "its database "
        "runs." + _LOOK,
    ),
    "issuer_mismatch": (
        "Logto names another issuer than LogtoIssuer says. They are compared to the letter.",
        _NOBODY,
        "Deploy with LogtoIssuer as the address below shows it under issuer. If people do not use that "
        "one, a "
        "Logto of your own has the wrong ENDPOINT." + _LOOK,
    ),
    "metadata_invalid": (
        "Logto's metadata lacks what a sign-in needs: {cause}.",
        _NOBODY,
        "A proxy before Logto, or a wrong ENDPOINT, often gives addresses on http: mend it there." + _LOOK,
    ),
    "algorithms_refused": (
        "Logto signs with {what}, and none of these is accepted here.",
        _NOBODY,
        "Deploy with IdTokenAlgorithms empty, or with one that Logto offers in it.",
    ),
    "keys_unusable": (
        "Logto publishes no key that can be used with {what}.",
        "No sign-in can be verified. " + _NOBODY,
        "In Logto's console, under Signing keys: rotate the private key. Look again after a minute.",
    ),
    "clock_differs": (
        "Logto's clock and the one here differ by {what}; 60 s are tolerated.",
        "Tokens look expired, or not valid yet, where the clock is wrong. " + _NOBODY,
        "On a laptop see first to its own clock: the functions have AWS's, which is right. Otherwise "
        "Logto's machine has the wrong time: switch NTP on there.",
    ),
    "par_not_offered": (
        "PushedAuthorizationRequests is on, but Logto does not offer them.",
        "Sign-in works, with the request in the browser's address as if the setting were off.",
        "Update Logto, or deploy with PushedAuthorizationRequests=false.",
    ),
    "code_lifetime_long": (
        "Logto accepts a one-time code for {what}, more than ten minutes.",
        "Whoever gets to see somebody's code has longer to use it, and our messages say ten minutes.",
        "In Logto's console, under Security, in the verification code policy: an expiration of 10 minutes "
        "or less.",
    ),
    "code_lifetime_unknown": (
        "How long Logto accepts a one-time code cannot be read: no answer, or a Logto without that setting.",
        "",
        "Nothing, unless Logto fails as well. Ten minutes is Logto's default.",
    ),
    "client_refused": (
        "Logto refuses our client id and secret.",
        _NOBODY + " Tokens cannot be renewed either.",
        _APPLICATION + "open the one whose App ID is clientId in LogtoSecret. If its secret was deleted or "
        "has "
        "expired, add a new one. Functions read LogtoSecret within five minutes; this does all of it:"
        + _PROVISION,
    ),
    "client_uncheckable": (
        "The provider has no revocation endpoint, and client id and secret cannot be tried without a trace.",
        "",
        "Nothing: sign in once to see.",
    ),
    "client_unknown": (
        "Logto knows no application with our client id.",
        _NOBODY,
        _APPLICATION + "put the App ID of yours into LogtoSecret as clientId; another tenant's application "
        "needs that "
        "tenant's LogtoIssuer. If it was deleted, make one:" + _PROVISION,
    ),
    "redirect_uri_unregistered": (
        "Logto's application does not have the redirect URI {what}.",
        "Nobody can sign in: Logto shows an error page in place of the sign-in.",
        _APPLICATION + "open yours and add exactly that under Redirect URIs, or let it be done as below. "
        "If people do "
        "not use that address, PublicBaseUrl is wrong." + _PROVISION,
    ),
    "authorization_refused": (
        "Logto refuses to begin a sign-in: {what}.",
        _NOBODY,
        _APPLICATION + "is yours of the type Traditional web? unauthorized_client says it is not. "
        "Otherwise open /login in a browser and read what Logto says.",
    ),
}
