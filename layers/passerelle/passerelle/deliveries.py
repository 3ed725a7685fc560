"""What is sent when the Mailgun secret has no `deliveries` of its own."""

_FRAME = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    '<meta name="color-scheme" content="light dark"></head>'
    '<body style="margin:0;padding:32px 16px;font:16px/1.5 system-ui,sans-serif">'
    '<div style="max-width:420px;margin:0 auto">{body}</div></body></html>'
)

_CODE = _FRAME.replace(
    "{body}",
    "<p>Your verification code is</p>"
    '<p style="font-size:32px;font-weight:700;letter-spacing:6px;margin:16px 0">{{code}}</p>'
    "<p>It is good for 10 minutes. If you did not ask for it, leave this message alone: "
    "nobody can do anything without the code.</p>",
)
_INVITATION = _FRAME.replace(
    "{body}",
    "<p>You are invited to join <strong>{{organization.name}}</strong>.</p>"
    '<p><a href="{{link}}">Accept the invitation</a></p><p>Or open this address: {{link}}</p>',
)

DEFAULT_DELIVERIES: dict[str, dict[str, str]] = {
    "Generic": {
        "subject": "Your verification code",
        "html": _CODE,
        "text": "Your verification code is {{code}}\n\nIt is good for 10 minutes. If you did not ask for it, "
        "leave this message alone: nobody can do anything without the code.\n",
    },
    "OrganizationInvitation": {
        "subject": "You are invited to {{organization.name}}",
        "html": _INVITATION,
        "text": "You are invited to join {{organization.name}}.\n\nAccept the invitation: {{link}}\n",
    },
}
