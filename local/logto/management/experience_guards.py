"""What the Management API takes of a sign-in experience; the judgement of its whole is elsewhere."""

import re
from typing import Any

from local.logto.management.guard import (
    EMAIL,
    EMPTY,
    URL,
    Guard,
    Path,
    array,
    boolean,
    choice,
    either,
    members,
    nullable,
    number,
    optional,
    partial,
    record,
    string,
)

LANGUAGES = (
    *("ar", "cs", "de", "en", "es", "fa-IR", "fr", "it", "ja", "ko", "pl-PL", "pt-PT", "pt-BR", "ru"),
    *("th", "tr-TR", "uk-UA", "zh-CN", "zh-HK", "zh-TW"),
)
IDENTIFIERS = ("username", "email", "phone")
_FACTORS = ("Totp", "WebAuthn", "BackupCode", "EmailVerificationCode", "PhoneVerificationCode")
_MFA_POLICIES = ("UserControlled", "Mandatory", "PromptOnlyAtSignIn", "PromptAtSignInAndSignUp", "NoPrompt")
MANDATORY_PROMPTS = ("PromptAtSignInAndSignUpMandatory", "PromptOnlyAtSignInMandatory")
_FORGOTTEN = ("EmailVerificationCode", "PhoneVerificationCode")
_COLOR = re.compile(r"#[\da-f]{3}([\da-f]{3})?", re.IGNORECASE)


def _some(**guards: Guard) -> Guard:
    return members(partial(guards))


def _expiration(value: Any, path: Path) -> Any:
    off = members({"enabled": optional(choice([False]))})
    on = {"enabled": choice([True]), "validPeriodDays": number(1, whole=True)}
    return either(off, members(on | {"enabledAt": optional(number(0, whole=True))}))(value, path)


_HEX = string(test=lambda text: _COLOR.fullmatch(text) is not None)
_LINK = optional(either(nullable(URL), EMPTY))
_WHOLE = number(1, whole=True)
_METHOD = {
    "identifier": choice(IDENTIFIERS),
    "password": boolean,
    "verificationCode": boolean,
    "isPasswordPrimary": boolean,
}
_SECONDARY = {"identifier": choice((*IDENTIFIERS, "emailOrPhone")), "verify": optional(boolean)}
SIGN_UP = members(
    {
        "identifiers": array(choice(IDENTIFIERS)),
        "password": boolean,
        "verify": boolean,
        "secondaryIdentifiers": optional(array(members(_SECONDARY))),
    }
)
_MFA = members(
    {
        "factors": array(choice(_FACTORS)),
        "policy": choice((*_MFA_POLICIES, *MANDATORY_PROMPTS)),
        "organizationRequiredMfaPolicy": optional(choice(["NoPrompt", "Mandatory"])),
    }
)
_USERNAMES = members(
    {
        "caseSensitive": boolean,
        "minLength": number(1, 128, whole=True),
        "maxLength": number(1, 128, whole=True),
        "allowedChars": members(dict.fromkeys(("lowercase", "uppercase", "numbers", "underscore"), boolean)),
    }
)
_PASSWORDS = _some(
    length=_some(min=_WHOLE, max=_WHOLE),
    characterTypes=_some(min=number(1, 4, whole=True)),
    rejects=_some(pwned=boolean, repetitionAndSequence=boolean, userInfo=boolean, words=array(string())),
)
_BLOCKLIST = _some(
    blockDisposableAddresses=boolean,
    blockSubaddressing=boolean,
    customAllowlist=array(string()),
    customBlocklist=array(string()),
)
_CSP = members(partial({"scriptSrc": array(string()), "connectSrc": array(string())}), strict=True)

PATCH = _some(
    color=members({"primaryColor": _HEX, "isDarkModeEnabled": boolean, "darkPrimaryColor": _HEX}),
    branding=_some(logoUrl=URL, darkLogoUrl=URL, favicon=URL, darkFavicon=URL),
    hideLogtoBranding=boolean,
    languageInfo=members({"autoDetect": boolean, "fallbackLanguage": choice(LANGUAGES)}),
    termsOfUseUrl=_LINK,
    privacyPolicyUrl=_LINK,
    agreeToTermsPolicy=choice(["Automatic", "ManualRegistrationOnly", "Manual"]),
    signIn=members({"methods": array(members(_METHOD))}),
    signUp=SIGN_UP,
    socialSignIn=_some(automaticAccountLinking=boolean, skipRequiredIdentifiers=boolean),
    socialSignInConnectorTargets=array(string()),
    signInMode=choice(["SignIn", "Register", "SignInAndRegister"]),
    customCss=nullable(string()),
    customContent=record(string()),
    customUiAssets=nullable(members({"id": string(), "createdAt": number()})),
    customUiCsp=_CSP,
    passwordPolicy=_PASSWORDS,
    mfa=_MFA,
    adaptiveMfa=_some(enabled=boolean),
    singleSignOnEnabled=boolean,
    supportEmail=optional(either(nullable(EMAIL), EMPTY)),
    supportWebsiteUrl=_LINK,
    unknownSessionRedirectUrl=_LINK,
    captchaPolicy=_some(enabled=boolean),
    sentinelPolicy=_some(maxAttempts=number(), lockoutDuration=number()),
    emailBlocklistPolicy=_BLOCKLIST,
    verificationCodePolicy=_some(
        expirationDuration=number(60, 3600, whole=True), maxRetryAttempts=number(1, 100, whole=True)
    ),
    forgotPasswordMethods=nullable(array(choice(_FORGOTTEN))),
    passkeySignIn=_some(enabled=boolean, showPasskeyButton=boolean, allowAutofill=boolean),
    signUpProfileFields=nullable(array(members({"name": string()}))),
    passwordExpiration=_expiration,
    usernamePolicy=_USERNAMES,
)
