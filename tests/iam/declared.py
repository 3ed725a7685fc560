"""The roles that the templates declare, as they would be on AWS."""

from pathlib import Path

from tests.iam.template import Roles
from tests.support.example import EXAMPLE
from tests.support.translated import Translated

TEMPLATE = Path(__file__).parents[2] / "template.yaml"

TEMPLATES = {"template.yaml": TEMPLATE, "examples/guarded/template.yaml": EXAMPLE}
GIVEN = {
    "template.yaml": {"LogtoIssuer": "https://id.example/oidc"},
    "examples/guarded/template.yaml": {
        "DomainName": "app.example",
        "TableName": "Table",
        "KeysSecretArn": "arn:aws:secretsmanager:eu-central-1:123456789012:secret:KeysSecret-abcdef",
        "PasserelleLayerArn": "arn:passerelle",
        "DependenciesLayerArn": "arn:dependencies",
    },
}
DECLARED = {name: Roles(Translated(path, GIVEN[name])) for name, path in TEMPLATES.items()}
