"""Advice on the check itself, the settings, the address, the secrets and the table.

By code: what it means, whom it touches, what to do now.
"""

from collections.abc import Mapping

_NOBODY = "Nobody can sign in."
_NOT_TOLD = "Whether that part works is not known."
_PUT = (
    "\n{aws} secretsmanager put-secret-value --secret-id {arn} --secret-string file://secret.json"
    " && rm secret.json"
)
_WAIT = " Functions read it within five minutes; nothing has to be deployed."

TEXTS: Mapping[str, tuple[str, str, str]] = {
    "check_timed_out": (
        "The check did not end in time.",
        _NOT_TOLD,
        "Run doctor again. If it stays so, the service that it asks hangs, or the network does: look at "
        "the service's status page.",
    ),
    "check_crashed": (
        "The check has a fault of its own.",
        _NOT_TOLD,
        "Run doctor again. If it stays so, report it with the line health_check_crashed from the log of "
        "the function health.",
    ),
    "check_skipped": (
        "Cannot be told before {what} is in order.",
        "",
        "See {what}, then run doctor again.",
    ),
    "public_url_unknown": (
        "It is not known under which address browsers find the app.",
        _NOT_TOLD,
        "Set the parameter PublicBaseUrl, or see that the stack has the output RedirectUri.",
    ),
    "public_url_not_https": (
        "The public address is {what}, without https.",
        "Browsers refuse the session's cookie there: nobody stays signed in.",
        "Deploy with PublicBaseUrl on https. A certificate is free in AWS Certificate Manager.",
    ),
    "public_url_unreachable": (
        "{what} does not answer: {cause}.",
        "Nobody reaches the app, and Logto gets no codes sent: " + _NOBODY,
        "In this order: the host's DNS record, its certificate in AWS Certificate Manager (expired?), the "
        "API's custom domain or CloudFront, the state of the stack.\ncurl -v {what}/health",
    ),
    "public_url_leads_elsewhere": (
        "{what}/health answers {status}, and not as Passerelle does.",
        "Browsers and Logto reach something else, or a throttle: sign-ins are likely to fail.",
        "403 or 429: look at the web application firewall and at RequestsPerSecond. 404 or a foreign page: "
        "the domain or CloudFront leads to another API. 5xx: read the log of the function health.",
    ),
    "issuer_not_https": (
        "LogtoIssuer is {what}, without https.",
        "Whoever listens on the way reads the client secret and every token.",
        "Give Logto a certificate and deploy with LogtoIssuer on https.",
    ),
    "return_to_not_https": (
        "ReturnToOrigins names {what}, without https.",
        "Browsers are sent there after a sign-in, and what is on that page can be changed on the way.",
        "Deploy with that origin on https, or without it.",
    ),
    "idle_beyond_absolute": (
        "SessionIdleSeconds is longer than SessionAbsoluteSeconds.",
        "Nobody is signed out for being idle: the absolute lifetime always ends first.",
        "Deploy with SessionIdleSeconds below SessionAbsoluteSeconds.",
    ),
    "provider_needed_without_refresh": (
        "SessionNeedsProvider is on, but Scopes lacks offline_access.",
        "Sessions have no tokens to renew, so Logto is never asked and the setting does nothing.",
        "Deploy with offline_access in Scopes, or with SessionNeedsProvider=false.",
    ),
    "limits_contradict": (
        "{what} is smaller than the limit for one address or one client.",
        "One person can use up what is meant for all, and others then get no code.",
        "Deploy with a larger {what}, or with smaller SendLimitAddress and SendLimitIp.",
    ),
    "budget_refuses_nothing": (
        "SendBudgetRefuses is on, but SendBudget is 0: there is no budget.",
        "Messages are not limited in all, whatever somebody thinks.",
        "Deploy with a SendBudget, or with SendBudgetRefuses=false.",
    ),
    "secret_missing": (
        "{what} does not exist, or was deleted.",
        _NOBODY,
        "Without KeysSecret nothing in the table can be read, so do not make a new one. What was deleted in "
        "the last days comes back:\n{aws} secretsmanager restore-secret --secret-id {arn}",
    ),
    "secret_not_readable": (
        "{what} may not be read ({cause}).",
        "If the functions may not either: " + _NOBODY,
        "In the schedule's log: somebody has changed the function's role or the secret's resource policy "
        "or key; deploy again. From your machine: your own credentials lack secretsmanager:GetSecretValue.",
    ),
    "secret_not_filled_in": (
        "{what} still holds the placeholder from the first deployment.",
        _NOBODY,
        "Fill it in, by one of these." + _WAIT + "\n./passerelle provision {stack}" + _PUT,
    ),
    "secret_invalid": (
        "{what} cannot be used: {cause}.",
        "Whatever needs it answers with an error: " + _NOBODY,
        "Mend it." + _WAIT + " What it held before is still there:"
        "\n(umask 077; {aws} secretsmanager get-secret-value --secret-id {arn} --version-stage AWSPREVIOUS "
        "--query SecretString --output text > secret.json)" + _PUT,
    ),
    "secrets_unavailable": (
        "Secrets Manager does not answer ({cause}).",
        "Functions that run go on with what they have read; those that start now answer 503.",
        "Look at https://health.aws.amazon.com for the region. It mends itself; nothing is lost.",
    ),
    "secret_old": (
        "{what} has not been changed for {days} days.",
        "Nothing is broken. What leaked in that time still opens doors.",
        "docs/operate.md: ./passerelle rotate for KeysSecret and ConnectorSecret, by hand for the others.",
    ),
    "logto_webhook_key_missing": (
        "LogtoSecret has no webhookSigningKey, so Logto's webhooks are refused.",
        "Users who are suspended or deleted at Logto stay signed in until their tokens are renewed.",
        "By hand: docs/sessions.md, Register at Logto. Or let it be done:\n./passerelle provision {stack}",
    ),
    "mailgun_webhook_key_missing": (
        "MailgunSecret has no webhookSigningKey, so Mailgun's webhooks are refused.",
        "Nobody notices bounces: whoever has bounced once waits for codes that never come, without an error.",
        "By hand: docs/messages.md, What became of a message. Or let it be done:"
        "\n./passerelle provision {stack}",
    ),
    "table_missing": (
        "The table does not exist.",
        _NOBODY + " Sessions cannot be checked: everybody is signed out, as it were.",
        "Restore it under its old name from point-in-time recovery (DynamoDB, Backups). Then switch TTL on "
        "again, attribute ttl.",
    ),
    "table_not_permitted": (
        "The table may not be used ({what}).",
        "If the functions may not either: " + _NOBODY,
        "In the schedule's log: somebody has changed the role, the table's policy or its key; deploy "
        "again. From your machine: your credentials lack dynamodb:DescribeTimeToLive, PutItem or "
        "BatchGetItem.",
    ),
    "table_unavailable": (
        "DynamoDB does not answer, or refuses ({what}).",
        _NOBODY + " Sessions cannot be checked; they live on.",
        "ProvisionedThroughputExceeded or Throttling: docs/cost.md, What breaks first. Otherwise look at "
        "https://health.aws.amazon.com; it mends itself.",
    ),
    "ttl_off": (
        "The table's items do not expire: TTL is off, as it is after a restore.",
        "Nobody notices at first. The table grows for ever, and keeps what was to be forgotten.",
        "Switch it on:\n{aws} dynamodb update-time-to-live --table-name {table} "
        "--time-to-live-specification Enabled=true,AttributeName=ttl",
    ),
}
