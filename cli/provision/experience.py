"""Sign-in and sign-up by a code that comes by e-mail, beside whatever else the tenant offers.

What Logto has set by itself in a new tenant is nobody's wish and is replaced; what somebody has set is kept.
"""

from collections.abc import Iterator

from cli.problems import Problem
from cli.provision.logto import Json
from cli.provision.site import Site
from cli.provision.steps import Change

BY_CODE = {"identifier": "email", "password": False, "verificationCode": True, "isPasswordPrimary": False}


def _as_new(identifier: str, *, verify: bool) -> tuple[Json, Json]:
    method = {
        "identifier": identifier,
        "password": True,
        "verificationCode": False,
        "isPasswordPrimary": True,
    }
    return {"identifiers": [identifier], "password": True, "verify": verify}, {"methods": [method]}


NEW = (_as_new("username", verify=False), _as_new("email", verify=True))
"""What a new tenant has, self-hosted and in the Cloud: sign-up, sign-in."""


class SignInExperience:
    """An e-mailed code signs in, and signs up."""

    title = "sign-in"

    def __init__(self, site: Site) -> None:
        self._site = site

    def look(self) -> list[Change]:
        """Say what is missing."""
        present = self._site.logto.get("/sign-in-exp")
        sign_up, sign_in = present["signUp"], present["signIn"]
        then = wanted(sign_up, sign_in)
        changed = {name: value for name, value in then.items() if value != present[name]}
        words = [*_about_sign_in(sign_in, then["signIn"]), *_about_sign_up(sign_up, then["signUp"])]
        self._note(present, then["signUp"])
        if not changed:
            return []
        if "EmailVerificationCode" in (present.get("mfa") or {}).get("factors", []):
            raise Problem(
                "a code by e-mail is a second factor in this tenant, and Logto does not take it as the first "
                "one as well: take it out there (Multi-factor auth), and run again"
            )
        return [Change("; ".join(words), lambda: self._site.logto.patch("/sign-in-exp", changed))]

    def _note(self, present: Json, sign_up: Json) -> None:
        if present.get("signInMode") == "SignIn":
            self._site.notes.append("the tenant lets nobody sign up (Sign-in & account, Sign-up and sign-in)")
        if sign_up["password"]:
            self._site.notes.append("sign-up asks for a password as well, as somebody has set it in Logto")
        self._site.notes.extend(_opened(present))


def _opened(present: Json) -> Iterator[str]:
    """Tell of doors that somebody kept closed, and that are open afterwards."""
    sign_up, methods = present["signUp"], present["signIn"]["methods"]
    if not sign_up["identifiers"] and present.get("signInMode") != "SignIn":
        yield "whoever has an e-mail address can sign up then; until now it took a social account"
    is_new = any(_set_in(sign_up) == new and present["signIn"] == set_in for new, set_in in NEW)
    if not is_new and any(_takes_password_alone(each) for each in methods):
        yield "the code alone signs in then, also whoever had to give a password until now"


def _takes_password_alone(method: Json) -> bool:
    return bool(
        method["identifier"] == "email" and method.get("password") and not method.get("verificationCode")
    )


def wanted(sign_up: Json, sign_in: Json) -> dict[str, Json]:
    """Return both settings as they should be."""
    if any(_set_in(sign_up) == new and sign_in == methods for new, methods in NEW):
        methods = [
            {**each, "isPasswordPrimary": each["identifier"] != "email"} for each in sign_in["methods"]
        ]
        return {
            "signUp": {**sign_up, "identifiers": ["email"], "password": False, "verify": True},
            "signIn": {"methods": _with_code(methods)},
        }
    return {"signUp": _with_email(sign_up), "signIn": {"methods": _with_code(sign_in["methods"])}}


def _set_in(settings: Json) -> Json:
    # Newer versions of Logto show an empty list of second identifiers, older ones none.
    return {name: value for name, value in settings.items() if value != []}


def _with_code(methods: list[Json]) -> list[Json]:
    """Add the code to the method by e-mail, or add that method; the others stay as they are."""
    if not any(each["identifier"] == "email" for each in methods):
        return [*methods, BY_CODE]
    return [{**each, "verificationCode": True} if each["identifier"] == "email" else each for each in methods]


def _with_email(sign_up: Json) -> Json:
    """Let sign-up begin with the address; a user name and a password go on being asked for.

    Logto takes one kind of identifier first, `email` or `phone` or either of them; the others come second.
    """
    first, second = sign_up["identifiers"], sign_up.get("secondaryIdentifiers") or []
    if "email" in first and "username" not in first:
        return {**sign_up, "verify": True}
    others = [each for each in second if each["identifier"] not in {"email", "emailOrPhone"}]
    if "username" in first:
        others = [{"identifier": "username"}, *others]
    phone = ["phone"] if "phone" in first else []
    changed = {**sign_up, "identifiers": ["email", *phone], "verify": True}
    return {**changed, "secondaryIdentifiers": others} if others or second else changed


def _about_sign_in(before: Json, after: Json) -> list[str]:
    if before == after:
        return []
    kept = [each["identifier"] for each in before["methods"]]
    return ["sign in by e-mailed code" + (f", beside what there is ({', '.join(kept)})" if kept else "")]


def _about_sign_up(before: Json, after: Json) -> list[str]:
    if before == after:
        return []
    return [f"sign up by e-mailed code: {_told(after)}, in place of {_told(before)}"]


def _told(sign_up: Json) -> str:
    first = " or ".join(sign_up["identifiers"]) or "nothing"
    second = [each["identifier"] for each in sign_up.get("secondaryIdentifiers") or []]
    code = ["code"] if sign_up["verify"] else []
    return " and ".join([first, *code, *second, *(["password"] if sign_up["password"] else [])])
