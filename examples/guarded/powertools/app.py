"""`GET /account` shows the user's profile; `DELETE /account` wants a sign-in of the last five minutes."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.typing import LambdaContext

from passerelle.access import signed_in_middleware

# API Gateway leaves the mapping of `template.yaml` in the path.
app = APIGatewayHttpResolver(strip_prefixes=["/app"])
app.use([signed_in_middleware()])


@app.get("/account")
def account() -> dict[str, Any]:
    return {"user": app.context["user"].profile}


# Judged twice, the second time more strictly: that is a second read.
@app.delete("/account", middlewares=[signed_in_middleware(max_age=300)])
def close_account() -> dict[str, Any]:
    return {"closed": app.context["user"].id}


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
