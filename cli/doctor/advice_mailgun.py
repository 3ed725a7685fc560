"""Advice on Mailgun and on the messages. By code: what it means, whom it touches, what to do now."""

from collections.abc import Mapping

_NO_CODES = "No codes go out: nobody can sign in who is not signed in already."
_DOMAIN = "In Mailgun: Sending, Domains, yours, Domain settings"
_READ = " Functions read MailgunSecret within five minutes."
_DELIVERIES = "In MailgunSecret (docs/messages.md): "

TEXTS: Mapping[str, tuple[str, str, str]] = {
    "mailgun_unreachable": (
        "Mailgun does not answer: {cause}.",
        _NO_CODES,
        "Look at https://status.mailgun.com, and at endpoint in MailgunSecret. It mends itself if it is "
        "theirs.",
    ),
    "mailgun_answers_error": (
        "Mailgun answers {what} where it should not.",
        _NO_CODES,
        "5xx: https://status.mailgun.com. 429: too many requests; wait. 200: whatever answers at endpoint "
        "in MailgunSecret is not Mailgun's API, or endpoint has a path.",
    ),
    "mailgun_key_refused": (
        "Mailgun refuses apiKey.",
        _NO_CODES,
        _DOMAIN + ", Sending keys: make one, put it into MailgunSecret as apiKey." + _READ,
    ),
    "mailgun_domain_not_found": (
        "Mailgun knows no domain {what}, in neither region, or not for this key.",
        _NO_CODES,
        "In Mailgun: Sending, Domains, both regions: compare with domain in MailgunSecret. If it is there, "
        "the key is another account's or another domain's.",
    ),
    "mailgun_other_region": (
        "{what} is a domain of Mailgun's other region: {there}, not {here}.",
        _NO_CODES,
        'Set endpoint to "{there}" in MailgunSecret.' + _READ,
    ),
    "mailgun_refuses": (
        "Mailgun would refuse messages ({what}).",
        _NO_CODES,
        "Try one, which says in Mailgun's own words why, and what to do:"
        "\n./passerelle test-email YOUR-ADDRESS {stack}",
    ),
    "sender_invalid": (
        "from in MailgunSecret has no e-mail address in it.",
        _NO_CODES,
        'Set from in MailgunSecret, such as "Example <sign-in@mg.example.com>".' + _READ,
    ),
    "canary_refused": (
        "Mailgun refused a message in test mode ({what}).",
        _NO_CODES,
        "Try a real one, which says why and what to do:\n./passerelle test-email YOUR-ADDRESS {stack}",
    ),
    "domain_unverified": (
        "Mailgun has not verified {what}.",
        _NO_CODES,
        _DOMAIN
        + ", DNS records: set those that are missing at your DNS provider, wait for them to spread, and "
        "press Verify there.",
    ),
    "domain_disabled": (
        "Mailgun has disabled {what}.",
        _NO_CODES,
        "Mailgun sends a mail with the reason: bounces, complaints, or a bill. Answer it, or write to "
        "their support. Until then another verified domain in MailgunSecret helps: domain, apiKey and from.",
    ),
    "dns_record_missing": (
        "The DNS record {what} ({type}) is not there, or not as Mailgun wants it.",
        "Mail still goes out while the domain is active, but lands in spam or is refused: some people get "
        "no codes.",
        "At your DNS provider, set a {type} record {what} to:\n{value}",
    ),
    "sandbox_domain": (
        "{what} is a sandbox domain.",
        "Only recipients that were authorized in Mailgun get their codes.",
        "Add a domain of your own in Mailgun and put it into MailgunSecret, before anybody else signs in.",
    ),
    "read_key_refused": (
        "Mailgun refuses readApiKey.",
        "The domain's state cannot be looked at, and ./passerelle bounces does not work. Codes do go out.",
        "In Mailgun: your account, API keys: make one that may read, put it into MailgunSecret as "
        "readApiKey.",
    ),
    "domain_unreadable": (
        "apiKey may send and no more, so the domain's state and DNS records cannot be told with this key. "
        "Key, domain and region do go together.",
        "",
        "Nothing has to be done. With readApiKey in MailgunSecret, a key of the account that may read, "
        "they are looked at too.",
    ),
    "templates_unreadable": (
        "Whether Mailgun stores the templates cannot be told with this key.",
        "",
        "Nothing has to be done. With readApiKey in MailgunSecret they are looked at too.",
    ),
    "template_missing": (
        "Mailgun stores no template {what} for this domain.",
        "Messages that use it are refused: whoever waits for one of these does not get in.",
        "In Mailgun: Sending, Templates: store it; or name the right one in deliveries of MailgunSecret.",
    ),
    "delivery_missing": (
        "deliveries has no Generic, and none for {what}.",
        _NO_CODES,
        _DELIVERIES + "add Generic; or take deliveries out, and ready-made messages are sent.",
    ),
    "delivery_incomplete": (
        "deliveries has no Generic, and none for {what}.",
        "Messages of these types are not sent. Sign-in works.",
        _DELIVERIES + "add Generic, unless Logto never sends these types to you.",
    ),
    "message_without_code": (
        "{what} does not ask for {{{{code}}}}.",
        "Messages come without their code: whoever gets this one does not get in.",
        _DELIVERIES + "put {{{{code}}}} into {what}.",
    ),
    "message_without_link": (
        "{what} serves for invitations to organizations too, and has no {{{{link}}}}.",
        "Whoever is invited to an organization gets a message that leads nowhere. Sign-in works.",
        _DELIVERIES + "add OrganizationInvitation, unless you invite nobody.",
    ),
    "text_without_code": (
        "{what} does not ask for {{{{code}}}}.",
        "Whoever reads mail as plain text does not see the code.",
        _DELIVERIES + "put {{{{code}}}} into {what}.",
    ),
    "code_in_subject": (
        "{what} holds the code.",
        "Mail servers log subjects, and locked telephones show them: others may read codes.",
        _DELIVERIES + "write a subject without it.",
    ),
    "placeholder_unfilled": (
        "{what} asks for {placeholder}, which Logto does not send for {type}.",
        "Readers see the braces as they stand.",
        _DELIVERIES + "take it out, or give {type} a delivery of its own.",
    ),
    "client_addresses_missing": (
        "Logto does not say for whom it asks for codes, or names addresses that are not public.",
        "SendLimitIp limits nobody: one machine can ask for codes to any number of addresses.",
        "Your own Logto behind a proxy: set TRUST_PROXY_HEADER=1 there, and let the proxy set "
        "X-Forwarded-For.",
    ),
    "client_addresses_shared": (
        "In the last hour or two Logto asked for all codes from one address.",
        "If that is a proxy's, SendLimitIp counts all people as one: beyond it nobody gets a code that hour.",
        "Your own Logto behind a proxy: set TRUST_PROXY_HEADER=1 there, and let the proxy set "
        "X-Forwarded-For. If all your people do sit behind one address, raise SendLimitIp.",
    ),
    "client_addresses_unseen": (
        "Too few codes were sent in the last hour to tell whether Logto names its clients.",
        "",
        "Nothing: look again when people sign in.",
    ),
}
