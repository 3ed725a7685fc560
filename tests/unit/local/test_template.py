"""The template's own words become routes, functions, tables and secrets."""

import json
from pathlib import Path

import pytest

from local.template import Route, Table, Template, TemplateError

SMALL = """
Parameters:
  Origin: {Type: String}
  Count: {Type: Number, Default: 3}
  Flag: {Type: String, Default: ""}
Conditions:
  HasFlag: !Not [!Equals [!Ref Flag, ""]]
Globals:
  Function:
    Handler: app.handler
    Environment:
      Variables: {ORIGIN: !Ref Origin, COUNT: !Ref Count, TABLE: !Ref Things, SWITCH: true}
Resources:
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      DeletionProtectionEnabled: true
  Words:
    Type: AWS::SecretsManager::Secret
    Properties: {SecretString: '{"a":""}'}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: code/
      Timeout: 7
      Environment:
        Variables:
          LINK: !Sub "${Origin}/x/${!literal}/${AWS::Region}"
          CHOICE: !If [HasFlag, "on", "off"]
          JOINED: !Join ["-", [a, !Ref Count]]
      Events:
        Get: {Type: HttpApi, Properties: {Method: get, Path: /hello}}
        Rest: {Type: HttpApi}
        Timer: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "template.yaml"
    path.write_text(SMALL)
    return path


def test_routes_keep_the_templates_order_and_leave_out_other_events(small: Path) -> None:
    assert Template(small, {"Origin": "o"}).routes() == [
        Route("GET", "/hello", "Hello"),
        Route("ANY", "$default", "Hello"),
    ]


def test_a_function_inherits_from_globals_and_adds_its_own(small: Path) -> None:
    function = Template(small, {"Origin": "http://o"}).functions()["Hello"]
    assert (function.file, function.handler) == (small.parent / "code" / "app.py", "handler")
    assert (function.timeout, function.memory) == (7, 128)
    assert function.environment == {
        "ORIGIN": "http://o",
        "COUNT": "3",
        "TABLE": "Things",
        "SWITCH": "true",
        "LINK": "http://o/x/${literal}/eu-central-1",
        "CHOICE": "off",
        "JOINED": "a-3",
    }


def test_conditions_follow_the_parameters(small: Path) -> None:
    assert Template(small, {"Origin": "o", "Flag": "f"}).functions()["Hello"].environment["CHOICE"] == "on"


def test_a_table_keeps_its_keys_and_its_ttl_and_drops_its_protection(small: Path) -> None:
    assert Template(small, {"Origin": "o"}).tables() == [
        Table(
            "Things",
            {
                "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
            },
            "ttl",
        )
    ]


def test_secrets_keep_their_placeholder(small: Path) -> None:
    assert [(secret.name, secret.text) for secret in Template(small, {"Origin": "o"}).secrets()] == [
        ("Words", '{"a":""}')
    ]


def test_a_parameter_without_a_value_is_named(small: Path) -> None:
    with pytest.raises(TemplateError, match="Origin"):
        Template(small).functions()


def test_an_unknown_parameter_is_refused(small: Path) -> None:
    with pytest.raises(TemplateError, match="Orgin"):
        Template(small, {"Orgin": "o"})


def test_functions_that_disagree_about_a_variable_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    functions = [
        {"CodeUri": "x", "Handler": "app.handler", "Environment": {"Variables": {"A": value}}}
        for value in "12"
    ]
    resources = {
        f"F{n}": {"Type": "AWS::Serverless::Function", "Properties": f} for n, f in enumerate(functions)
    }
    path.write_text(json.dumps({"Resources": resources}))
    with pytest.raises(TemplateError, match="another A"):
        Template(path).environment()


def test_the_deployments_own_template_is_understood() -> None:
    template = Template(Path(__file__).parents[3] / "template.yaml", {"LogtoIssuer": "https://logto/oidc"})
    routes = {(route.method, route.path): route.function for route in template.routes()}
    assert routes == {
        ("GET", "/"): "HomeFunction",
        ("GET", "/login"): "LoginFunction",
        ("GET", "/callback"): "CallbackFunction",
        ("GET", "/session"): "SessionFunction",
        ("POST", "/logout"): "LogoutFunction",
        ("GET", "/logout"): "LogoutFunction",
        ("GET", "/logged-out"): "LogoutFunction",
        ("POST", "/send-otp"): "SendOtpFunction",
        ("GET", "/sessions"): "SessionFunction",
        ("DELETE", "/sessions"): "SessionFunction",
        ("DELETE", "/sessions/{id}"): "SessionFunction",
        ("POST", "/sessions"): "SessionFunction",
        ("POST", "/webhooks/mailgun"): "MailgunWebhookFunction",
        ("POST", "/backchannel-logout"): "BackchannelLogoutFunction",
        ("POST", "/webhooks/logto"): "LogtoWebhookFunction",
        ("GET", "/health"): "HealthFunction",
    }
    environment = template.environment()
    assert environment["TABLE_NAME"] == "Table"
    assert environment["SESSION_IDLE_SECONDS"] == "86400"
    assert environment["AWS_ENDPOINT_URL"] == ""


def test_mappings_are_looked_up(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    mapped = SMALL.replace("Conditions:", 'Mappings:\n  Names: {"3": {Short: three}}\nConditions:', 1)
    path.write_text(mapped.replace("[a, !Ref Count]", "[a, !FindInMap [Names, !Ref Count, Short]]"))
    assert Template(path, {"Origin": "o"}).functions()["Hello"].environment["JOINED"] == "a-three"
    with pytest.raises(TemplateError, match="the mapping Names has no 4, Short"):
        Template(path, {"Origin": "o", "Count": "4"}).functions()
