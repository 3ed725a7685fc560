"""The sign-in experience that a tenant begins with."""

from typing import Any

Json = dict[str, Any]

_CODE = {"identifier": "email", "password": False, "verificationCode": True, "isPasswordPrimary": False}
BY_CODE: Json = {
    "signUp": {"identifiers": ["email"], "password": False, "verify": True},
    "signIn": {"methods": [_CODE]},
}
"""Sign-in and sign-up by an e-mailed code, and by nothing else."""


def sign_in_experience(tenant_id: str, is_cloud: bool) -> Json:
    """Return that of a new tenant: with passwords for user names, or on Logto Cloud for addresses."""
    identifier = "email" if is_cloud else "username"
    password = {
        "identifier": identifier,
        "password": True,
        "verificationCode": False,
        "isPasswordPrimary": True,
    }
    logos = {"logoUrl": "https://logto.io/logo.svg", "darkLogoUrl": "https://logto.io/logo-dark.svg"}
    characters = {"lowercase": True, "uppercase": True, "numbers": True, "underscore": True}
    return {
        "tenantId": tenant_id,
        "id": "default",
        "color": {"primaryColor": "#6139F6", "isDarkModeEnabled": False, "darkPrimaryColor": "#8768F8"},
        "branding": {} if is_cloud else logos,
        "hideLogtoBranding": False,
        "languageInfo": {"autoDetect": True, "fallbackLanguage": "en"},
        "termsOfUseUrl": None,
        "privacyPolicyUrl": None,
        "agreeToTermsPolicy": "Automatic",
        "signIn": {"methods": [password]},
        "signUp": {"identifiers": [identifier], "password": True, "verify": is_cloud},
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
            "allowedChars": characters,
        },
    }
