"""The stand-in for DynamoDB and Secrets Manager, filled from the deployment template."""

import json
import secrets
import string
import urllib.request
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from local.programs_only import ForProgramsOnly
from local.serving import Server
from local.template import Secret, Table, Template

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

REGION = "eu-central-1"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"

LOCAL_PARAMETERS = "/passerelle/parameters"
"""Parameter of Systems Manager that tells what the template was given."""

# No account behind them; AWS clients refuse to start without.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": REGION}


def serve(host: str, port: int) -> Server:
    """A server for the stand-in, bound and not yet started.

    One request at a time: with threads, several of moto's conditional writes succeed where DynamoDB lets one
    through.
    """
    return Server(ForProgramsOnly(_app()), host, port, threaded=False)


def fill(template: Template, endpoint: str, overrides: Mapping[str, Mapping[str, Any]]) -> None:
    """Create the template's tables and secrets under their logical ids, and nothing that was there before.

    `overrides` replaces the values of secrets, by logical id.
    """
    reset(endpoint)
    dynamodb, manager = client("dynamodb", endpoint), client("secretsmanager", endpoint)
    for queue in template.queues():
        client("sqs", endpoint).create_queue(QueueName=queue)
    for table in template.tables():
        _create_table(dynamodb, table)
    for secret in template.secrets():
        value = json.dumps(overrides[secret.name]) if secret.name in overrides else secret_text(secret)
        manager.create_secret(Name=secret.name, SecretString=value)


def describe(endpoint: str, parameters: Mapping[str, str]) -> None:
    """Leave the stack's parameters where the operator's commands find them, as CloudFormation would."""
    value = json.dumps(dict(parameters))
    client("ssm", endpoint).put_parameter(Name=LOCAL_PARAMETERS, Type="String", Value=value)


def reset(endpoint: str) -> None:
    """Forget all tables and secrets. The stand-in's state belongs to the process and outlives its server."""
    request = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")  # noqa: S310
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()


def secret_text(secret: Secret) -> str:
    """The text of a new secret, generated where the template says so."""
    if secret.rule is None:
        return secret.text or ""
    generated = _generate(secret.rule)
    if "GenerateStringKey" not in secret.rule:
        return generated
    return json.dumps(
        {**json.loads(secret.rule["SecretStringTemplate"]), secret.rule["GenerateStringKey"]: generated}
    )


def _generate(rule: Mapping[str, Any]) -> str:
    alphabet = string.ascii_letters + string.digits
    alphabet += "" if rule.get("ExcludePunctuation") else PUNCTUATION
    allowed = [character for character in alphabet if character not in rule.get("ExcludeCharacters", "")]
    return "".join(secrets.choice(allowed) for _ in range(rule.get("PasswordLength", 32)))


def _create_table(dynamodb: Any, table: Table) -> None:
    dynamodb.create_table(TableName=table.name, BillingMode="PAY_PER_REQUEST", **table.schema)
    if table.ttl_attribute:
        ttl = {"AttributeName": table.ttl_attribute, "Enabled": True}
        dynamodb.update_time_to_live(TableName=table.name, TimeToLiveSpecification=ttl)


def client(service: str, endpoint: str) -> Any:
    """A client of boto3's for the stand-in."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        service,
        endpoint_url=endpoint,
        config=Config(proxies={}),
        region_name=REGION,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    )


def _app() -> "WSGIApplication":
    # Imported here because it takes about a second, which those who only read the template need not pay.
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    app: WSGIApplication = DomainDispatcherApplication(create_backend_app)
    return app
