"""The messages that are sent when the Mailgun secret has no `deliveries` of its own.

In the shape of those of Logto's Mailgun connector, each with its translations under `locales`.

They ask for what every message of their type brings, and for nothing else: `{{code}}`, or `{{link}}` and
`{{organization.name}}`. No subject holds the code, since services of mail keep subjects. Subjects have plain
spaces only, as headers must; elsewhere French has its no-break ones.
"""

from typing import Any

_CODE = "{{code}}"
_LINK = "{{link}}"
_ORGANIZATION = "{{organization.name}}"

_NOTHING_TO_DO = {
    "en": "If you did not ask for this code, there is nothing to do: ",
    "fr": "Si vous n’avez pas demandé ce code, vous n’avez rien à faire\u00a0: ",
}

# By language and type: the subject and heading, what the code is for, and what to do if nobody asked for it.
_CODES = {
    "en": {
        "SignIn": (
            "Your sign-in code",
            "Enter this code to sign in:",
            _NOTHING_TO_DO["en"] + "nobody can get in without it.",
        ),
        "Register": (
            "Your sign-up code",
            "Welcome! Enter this code to create your account:",
            _NOTHING_TO_DO["en"] + "no account is created without it.",
        ),
        "ForgotPassword": (
            "Reset your password",
            "Enter this code to choose a new password:",
            _NOTHING_TO_DO["en"] + "nobody can change your password without it.",
        ),
        "Generic": (
            "Your verification code",
            "Enter this code to confirm that it is you:",
            _NOTHING_TO_DO["en"] + "nobody can get in without it.",
        ),
        "UserPermissionValidation": (
            "Confirm that it is you",
            "Before your account changes, we make sure that it is really you. Enter this code to go on:",
            _NOTHING_TO_DO["en"] + "nobody can change anything without it.",
        ),
        "BindNewIdentifier": (
            "Confirm this e-mail address",
            "Enter this code to add this address to your account, or to have it replace another one:",
            _NOTHING_TO_DO["en"] + "this address is not added to any account without it.",
        ),
        "MfaVerification": (
            "Your code for the second step",
            "Almost there. Enter this code to finish signing in:",
            "If you did not ask for this code, somebody may know your password: please change it. "
            "Nobody can get in without the code.",
        ),
        "BindMfa": (
            "Set up sign-in in two steps",
            "Enter this code to make this address the second step of your sign-in:",
            _NOTHING_TO_DO["en"] + "nothing changes without it.",
        ),
    },
    "fr": {
        "SignIn": (
            "Votre code de connexion",
            "Saisissez ce code pour vous connecter\u00a0:",
            _NOTHING_TO_DO["fr"] + "personne ne peut se connecter sans lui.",
        ),
        "Register": (
            "Votre code d’inscription",
            "Bienvenue\u202f! Saisissez ce code pour créer votre compte\u00a0:",
            _NOTHING_TO_DO["fr"] + "aucun compte ne sera créé sans lui.",
        ),
        "ForgotPassword": (
            "Réinitialisez votre mot de passe",
            "Saisissez ce code pour choisir un nouveau mot de passe\u00a0:",
            _NOTHING_TO_DO["fr"] + "personne ne peut changer votre mot de passe sans lui.",
        ),
        "Generic": (
            "Votre code de vérification",
            "Saisissez ce code pour confirmer qu’il s’agit bien de vous\u00a0:",
            _NOTHING_TO_DO["fr"] + "personne ne peut se connecter sans lui.",
        ),
        "UserPermissionValidation": (
            "Confirmez qu’il s’agit bien de vous",
            "Avant toute modification de votre compte, nous vérifions qu’il s’agit bien de vous. "
            "Saisissez ce code pour continuer\u00a0:",
            _NOTHING_TO_DO["fr"] + "personne ne peut rien modifier sans lui.",
        ),
        "BindNewIdentifier": (
            "Confirmez cette adresse e-mail",
            "Saisissez ce code pour ajouter cette adresse à votre compte, "
            "ou pour qu’elle en remplace une autre\u00a0:",
            _NOTHING_TO_DO["fr"] + "cette adresse ne sera ajoutée à aucun compte sans lui.",
        ),
        "MfaVerification": (
            "Votre code pour la seconde étape",
            "Vous y êtes presque. Saisissez ce code pour terminer la connexion\u00a0:",
            "Si vous n’avez pas demandé ce code, quelqu’un connaît peut-être votre mot de passe\u00a0: "
            "mieux vaut le changer. Personne ne peut se connecter sans le code.",
        ),
        "BindMfa": (
            "Activez la connexion en deux étapes",
            "Saisissez ce code pour que cette adresse serve de seconde étape à vos connexions\u00a0:",
            _NOTHING_TO_DO["fr"] + "rien ne change sans lui.",
        ),
    },
}

# By language: how long the code is good for, what never to do with it, and the line shown in lists of mail.
_CAUTIONS = {
    "en": (
        "It is valid for 10 minutes.",
        "Never give this code to anybody: we never ask for it.",
        "The code in this message is valid for 10 minutes.",
    ),
    "fr": (
        "Il est valable 10\u00a0minutes.",
        "Ne communiquez ce code à personne\u00a0: nous ne vous le demanderons jamais.",
        "Le code de ce message est valable 10\u00a0minutes.",
    ),
}

# By language: the subject, the heading, who invites, the button, the same in plain text, the words before the
# link, and what if it was not expected.
_INVITATIONS = {
    "en": (
        f"Invitation to join {_ORGANIZATION}",
        "You are invited",
        f"The organization {_ORGANIZATION} invites you to join it.",
        "Accept the invitation",
        "To accept the invitation, open this address:",
        "Or open this address in your browser:",
        "If you did not expect this invitation, there is nothing to do: nothing happens unless you accept.",
    ),
    "fr": (
        f"Invitation à rejoindre {_ORGANIZATION}",
        "Une invitation pour vous",
        f"L’organisation {_ORGANIZATION} vous invite à la rejoindre.",
        "Accepter l’invitation",
        "Pour accepter l’invitation, ouvrez cette adresse\u00a0:",
        "Ou ouvrez cette adresse dans votre navigateur\u00a0:",
        "Si vous n’attendiez pas cette invitation, vous n’avez rien à faire\u00a0: "
        "rien ne se passe tant que vous ne l’acceptez pas.",
    ),
}

_FONT = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_DIGITS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'Courier New',monospace"
_SOFT = 'class="soft" style="margin:0 0 8px;font-size:14px;line-height:21px;color:#5c6570"'
_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'

# Light colours stand on the elements, for the many programs that drop this block.
_STYLE = """
:root{color-scheme:light dark;supported-color-schemes:light dark}
a[x-apple-data-detectors]{color:inherit!important;text-decoration:none!important}
@media (max-width:480px){
.ground{padding:16px 10px!important}
.card{padding:26px 20px 20px!important}
.code{font-size:32px!important;letter-spacing:5px!important;padding-left:5px!important}
}
@media (prefers-color-scheme:dark){
body,.ground{background-color:#14171a!important}
.card{background-color:#1d2226!important;border-color:#343b41!important}
.card,h1{color:#eceae6!important}
.soft{color:#a3abb3!important}
.code{background-color:#14171a!important;border-color:#343b41!important;color:#3fb5ae!important}
.rule{border-color:#343b41!important}
.button{background-color:#3fb5ae!important;color:#14171a!important}
.link{color:#3fb5ae!important}
}
"""


def _frame(language: str, heading: str, first_line: str, body: str, closing: str) -> str:
    """Lay out one message; the language stands twice, as programs that show mail in a page drop `<html>`."""
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no,date=no,address=no,email=no">
<title>{heading}</title><style>{_STYLE}</style></head>
<body style="margin:0;padding:0;background-color:#f6f5f2">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">{first_line}</div>
{_TABLE} lang="{language}" width="100%" bgcolor="#f6f5f2">
<tr><td class="ground" align="center" style="padding:40px 16px;font-family:{_FONT}">
<!--[if mso]>{_TABLE} width="480"><tr><td><![endif]-->
{_TABLE} width="100%" style="max-width:480px;table-layout:fixed;border-collapse:separate"><tr>
<td class="card" bgcolor="#ffffff" align="left" style="padding:36px 36px 28px;border:1px solid #dfdcd5;\
border-radius:14px;font-family:{_FONT};font-size:16px;line-height:25px;color:#1d2126;\
overflow-wrap:anywhere;word-break:break-word">
<h1 style="margin:0 0 10px;font-size:22px;line-height:28px;font-weight:700;color:#1d2126">{heading}</h1>
{body}
<div class="rule" style="margin:24px 0 16px;border-top:1px solid #dfdcd5;font-size:0;line-height:0"></div>
{closing}
</td></tr></table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr></table>
</body></html>
"""


def _code_message(language: str, kind: str) -> dict[str, Any]:
    subject, purpose, unasked = _CODES[language][kind]
    validity, never, first_line = _CAUTIONS[language]
    body = f"""<p style="margin:0 0 20px">{purpose}</p>
{_TABLE} width="100%"><tr><td class="code" align="center" bgcolor="#f6f5f2" style="padding:18px 0 18px 8px;\
border:1px solid #dfdcd5;border-radius:10px;font-family:{_DIGITS};font-size:38px;line-height:46px;\
font-weight:700;letter-spacing:8px;color:#0b5d5a;-webkit-user-select:all;user-select:all">{_CODE}</td></tr></table>
<p style="margin:16px 0 0">{validity}</p>"""
    closing = f"<p {_SOFT}>{unasked}</p>\n<p {_SOFT}>{never}</p>"
    return {
        "subject": subject,
        "html": _frame(language, subject, f"{first_line} {never}", body, closing),
        "text": f"{purpose}\n\n{_CODE}\n\n{validity}\n\n{unasked}\n\n{never}\n",
    }


def _invitation(language: str) -> dict[str, Any]:
    subject, heading, who, accept, plainly, otherwise, unexpected = _INVITATIONS[language]
    who_in_html = who.replace(_ORGANIZATION, f"<strong>{_ORGANIZATION}</strong>")
    body = f"""<p style="margin:0 0 22px">{who_in_html}</p>
{_TABLE}><tr><td class="button" bgcolor="#0b5d5a" style="border-radius:9px;mso-padding-alt:12px 24px">\
<a class="button" href="{_LINK}" style="display:inline-block;padding:12px 24px;border-radius:9px;\
background-color:#0b5d5a;color:#ffffff;font-weight:600;text-decoration:none">{accept}</a></td></tr></table>
<p class="soft" style="margin:22px 0 0;font-size:14px;line-height:21px;color:#5c6570">{otherwise}<br>
<a class="link" href="{_LINK}" style="color:#0b5d5a;word-break:break-all">{_LINK}</a></p>"""
    return {
        "subject": subject,
        "html": _frame(language, heading, who, body, f"<p {_SOFT}>{unexpected}</p>"),
        "text": f"{who}\n\n{plainly}\n{_LINK}\n\n{unexpected}\n",
    }


def _translated(kind: str) -> dict[str, Any]:
    if kind == "OrganizationInvitation":
        return {**_invitation("en"), "locales": {"en": {}, "fr": _invitation("fr")}}
    return {**_code_message("en", kind), "locales": {"en": {}, "fr": _code_message("fr", kind)}}


READY_MADE: dict[str, dict[str, Any]] = {
    kind: _translated(kind) for kind in (*_CODES["en"], "OrganizationInvitation")
}
"""By type of message; English, with the translations under `locales`.

English stands there too, with nothing of its own: who reads English best and French too gets French else.
"""
