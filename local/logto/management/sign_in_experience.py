"""/api/sign-in-exp."""

from typing import TYPE_CHECKING, Any

from flask import Flask, Response, jsonify

from local.logto.management.errors import RequestError, not_here
from local.logto.management.experience_guards import MANDATORY_PROMPTS, PATCH
from local.logto.management.requests import body

if TYPE_CHECKING:
    from local.logto.server import EmbeddedLogto

Json = dict[str, Any]

PUBLIC = "/.well-known/"
"""Below it nobody is asked for a token."""

NOT_PUBLIC = ("emailBlocklistPolicy", "forgotPasswordMethods")

ELSEWHERE = ("passwordExpiration", "signUpProfileFields", "customUiCsp", "hideLogtoBranding")
"""Members whose change a real Logto judges by what this one knows nothing of."""


class SignInExperience:
    """How people sign in: the one experience that a tenant has."""

    def __init__(self, logto: "EmbeddedLogto") -> None:
        self.logto = logto

    def add_routes(self, app: Flask) -> None:
        """Serve below /api."""
        app.add_url_rule("/sign-in-exp", "experience", self.one, methods=["GET"])
        app.add_url_rule(f"{PUBLIC}sign-in-exp", "public_experience", self.public, methods=["GET"])
        app.add_url_rule("/sign-in-exp", "change_experience", self.change, methods=["PATCH"])

    def one(self) -> Response:
        """Answer the whole of it."""
        return jsonify(self.logto.sign_in_experience)

    def public(self) -> Response:
        """Answer what Logto's own pages need to know, to everybody; connectors and the like are left out."""
        whole = self.logto.sign_in_experience
        return jsonify({name: value for name, value in whole.items() if name not in NOT_PUBLIC})

    def change(self) -> Response:
        """Replace the members that come, each as a whole, if they go together."""
        asked = body(PATCH)
        with self.logto.state.lock:
            now = self.logto.sign_in_experience
            for name in ELSEWHERE:
                if asked.get(name, now[name]) != now[name]:
                    raise not_here(f"a change of {name}")
            # Nothing here is social, and Logto drops the targets that it has no connector for.
            asked |= {"socialSignInConnectorTargets": []} if "socialSignInConnectorTargets" in asked else {}
            self._judge(asked, now | asked)
            if not asked:
                raise RequestError("entity.invalid_input", 422)
            self.logto.sign_in_experience = now | asked
        return self.one()

    def _judge(self, asked: Json, whole: Json) -> None:
        has_email = bool(self.logto.connectors)
        if "signUp" in asked:
            _judge_sign_up(asked["signUp"], has_email)
        if "signIn" in asked:
            _judge_sign_in(whole["signIn"]["methods"], whole["signUp"], has_email)
        if "signIn" in asked or "mfa" in asked:
            _judge_both(whole, "sign_in" if "signIn" in asked else "mfa")
        if "mfa" in asked or "adaptiveMfa" in asked:
            _judge_mfa(whole["mfa"], bool(whole["adaptiveMfa"].get("enabled")))
        for method in asked.get("forgotPasswordMethods") or []:
            if method != "EmailVerificationCode" or not has_email:
                kind = "email" if method == "EmailVerificationCode" else "sms"
                code = "sign_in_experiences.forgot_password_method_requires_connector"
                raise RequestError(code, method=kind)


def _judge_sign_up(sign_up: Json, has_email: bool) -> None:
    primary, secondary = sign_up["identifiers"], sign_up.get("secondaryIdentifiers", [])
    names = [each["identifier"] for each in secondary]
    if secondary and not primary:
        _refuse("missing_sign_up_identifiers")
    both = {"email", "phone"} if "emailOrPhone" in names else set()
    if len({*primary, *names}) != len(primary) + len(names) or both & set(primary):
        _refuse("duplicated_sign_up_identifiers")
    reachable = {*primary, *names} - {"username"}
    unverified = [each for each in secondary if each["identifier"] != "username" and not each.get("verify")]
    if (reachable and not sign_up["verify"]) or unverified:
        _refuse("passwordless_requires_verify")
    _need_connectors(reachable, has_email)


def _judge_sign_in(methods: list[Json], sign_up: Json, has_email: bool) -> None:
    _need_connectors({each["identifier"] for each in methods if each["verificationCode"]}, has_email)
    if not all(each["password"] or each["verificationCode"] for each in methods):
        _refuse("at_least_one_authentication_factor")
    only_codes = sign_up["verify"] and not sign_up["password"]
    if only_codes and not all(
        each["verificationCode"] or each["identifier"] == "username" for each in methods
    ):
        _refuse("code_sign_in_must_be_enabled")


def _need_connectors(identifiers: set[str], has_email: bool) -> None:
    if identifiers & {"email", "emailOrPhone"} and not has_email:
        _refuse("enabled_connector_not_found", type="Email")
    if identifiers & {"phone", "emailOrPhone"}:
        _refuse("enabled_connector_not_found", type="Sms")


def _judge_both(whole: Json, asked: str) -> None:
    """Refuse a code that is to prove the same address both times."""
    by_code = {each["identifier"] for each in whole["signIn"]["methods"] if each["verificationCode"]}
    for name, factor in (("email", "EmailVerificationCode"), ("phone", "PhoneVerificationCode")):
        if name in by_code and factor in whole["mfa"]["factors"]:
            _refuse(f"{name}_verification_code_cannot_be_used_for_{asked}")


def _judge_mfa(mfa: Json, adaptive: bool) -> None:
    factors, mandatory = mfa["factors"], mfa["policy"] in MANDATORY_PROMPTS
    if len(set(factors)) != len(factors):
        _refuse("duplicated_mfa_factors")
    if factors == ["BackupCode"]:
        _refuse("backup_code_cannot_be_enabled_alone")
    if adaptive and not factors:
        _refuse("adaptive_mfa_requires_mfa", 422)
    if adaptive and not mandatory:
        _refuse("adaptive_mfa_requires_non_skippable_policy", 422)
    if mandatory and not adaptive:
        _refuse("non_adaptive_mfa_requires_skippable_policy", 422)


def _refuse(reason: str, status: int = 400, **names: object) -> None:
    raise RequestError(f"sign_in_experiences.{reason}", status, **names)
