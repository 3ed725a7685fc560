"""The sign-in experience that a tenant begins with."""

from copy import deepcopy
from typing import Any

Json = dict[str, Any]

_CODE = {"identifier": "email", "password": False, "verificationCode": True, "isPasswordPrimary": False}
BY_CODE: Json = {
    "signUp": {"identifiers": ["email"], "password": False, "verify": True},
    "signIn": {"methods": [_CODE]},
}
"""Sign-in and sign-up by an e-mailed code, and by nothing else."""
_CHARACTERS = {"lowercase": True, "uppercase": True, "numbers": True, "underscore": True}
_NEW: Json = {
    "id": "default",
    "color": {"primaryColor": "#6139F6", "isDarkModeEnabled": False, "darkPrimaryColor": "#8768F8"},
    "hideLogtoBranding": False,
    "languageInfo": {"autoDetect": True, "fallbackLanguage": "en"},
    "termsOfUseUrl": None,
    "privacyPolicyUrl": None,
    "agreeToTermsPolicy": "Automatic",
    "socialSignIn": {},
    "socialSignInConnectorTargets": [],
    "signInMode": "SignInAndRegister",
    "customCss": None,
    "customContent": {},
    "customUiAssets": None,
    "customUiCsp": {},
    "passwordPolicy": {},
    "mfa": {"factors": [], "policy": "UserControlled"},
    "adaptiveMfa": {},
    "singleSignOnEnabled": False,
    "supportEmail": None,
    "supportWebsiteUrl": None,
    "unknownSessionRedirectUrl": None,
    "captchaPolicy": {},
    "sentinelPolicy": {},
    "emailBlocklistPolicy": {},
    "verificationCodePolicy": {},
    "forgotPasswordMethods": [],
    "passkeySignIn": {},
    "signUpProfileFields": None,
    "passwordExpiration": {},
    "usernamePolicy": {
        "caseSensitive": True,
        "minLength": 1,
        "maxLength": 128,
        "allowedChars": _CHARACTERS,
    },
}


def sign_in_experience(tenant_id: str, is_cloud: bool) -> Json:
    """Return that of a new tenant: with passwords for user names, or on Logto Cloud for addresses."""
    identifier = "email" if is_cloud else "username"
    method = {"identifier": identifier, "password": True, "verificationCode": False}
    logos = {"logoUrl": "https://logto.io/logo.svg", "darkLogoUrl": "https://logto.io/logo-dark.svg"}
    return deepcopy(_NEW) | {
        "tenantId": tenant_id,
        "branding": {} if is_cloud else logos,
        "signIn": {"methods": [method | {"isPasswordPrimary": True}]},
        "signUp": {"identifiers": [identifier], "password": True, "verify": is_cloud},
    }
