"""What the Management API takes of an application."""

from local.logto.management.addresses import is_redirect_uri
from local.logto.management.guard import (
    JSON_OBJECT,
    URL,
    array,
    boolean,
    choice,
    either,
    members,
    nullable,
    nullish,
    number,
    optional,
    partial,
    string,
)

KINDS = ("Native", "SPA", "Traditional", "MachineToMachine", "Protected", "SAML")
_REDIRECT_URIS = array(string(test=is_redirect_uri))

OIDC_METADATA = members(
    {
        "redirectUris": _REDIRECT_URIS,
        "postLogoutRedirectUris": _REDIRECT_URIS,
        "backchannelLogoutUri": optional(URL),
        "backchannelLogoutSessionRequired": optional(boolean),
        "logoUri": optional(string()),
    }
)
CUSTOM_METADATA = members(
    partial(
        {
            "corsAllowedOrigins": array(string(1)),
            "idTokenTtl": number(),
            "refreshTokenTtl": number(),
            "refreshTokenTtlInDays": number(1, 180, whole=True),
            "tenantId": string(),
            "alwaysIssueRefreshToken": boolean,
            "rotateRefreshToken": boolean,
            "allowTokenExchange": boolean,
            "isDeviceFlow": boolean,
            "maxAllowedGrants": number(1, whole=True),
        }
    )
)
_NAME = string(1, 256)
_COMMON = {
    "description": nullish(string()),
    "oidcClientMetadata": optional(OIDC_METADATA),
    "customClientMetadata": optional(CUSTOM_METADATA),
    "customData": optional(JSON_OBJECT),
}
CREATE = members(
    _COMMON
    | {
        "name": _NAME,
        "type": choice(KINDS),
        "isThirdParty": optional(boolean),
        "protectedAppMetadata": optional(members({"subDomain": string(), "origin": string()})),
    }
)
_PROTECTED = {
    "origin": string(),
    "sessionDuration": number(),
    "pageRules": array(members({"path": string()})),
    "additionalScopes": array(string()),
}
PATCH = members(
    _COMMON
    | {
        "name": optional(_NAME),
        "appLevelAccessControlEnabled": optional(boolean),
        "protectedAppMetadata": nullish(members(partial(_PROTECTED))),
        "isAdmin": optional(boolean),
    }
)
LIST = members(
    {
        "types": optional(either(array(choice(KINDS)), lambda value, path: [choice(KINDS)(value, path)])),
        "isThirdParty": optional(choice(["true", "false"])),
    }
)
SECRET = members({"name": _NAME, "expiresAt": optional(nullable(number()))})
NEW_NAME = members({"name": string(1, 256)})
