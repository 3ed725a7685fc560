"""The API of the template: built for this machine, and served in containers."""

import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from subprocess import Popen

import httpx

from local.sam.command import Command, Pause, SamError
from local.sam.containers import Engine, remove_containers
from local.sam.parameters import architecture, start_options
from local.stack import NO_ACCOUNT, ROOT, TEMPLATE, UNWANTED, Stack
from local.template import Template

# Not where `sam build` puts what is deployed: this is for this machine's processor.
BUILDS = ROOT / ".aws-sam"
# The first start of all fetches Lambda's image, some hundred megabytes.
ANSWER_SECONDS = 900
TRIES = 3
HINT = """\
Functions that do not reach the stand-ins: a firewall may keep containers from this machine. For ufw:
  sudo ufw allow in on docker0
Lambda's image cannot be fetched, but is here already: SAM_LOCAL_OPTIONS=--skip-pull-image"""


class SamApi:
    """`sam build` and `sam local start-api` on the containers of an engine.

    `name` keeps what is built, and the log, apart from those of others; `options` are more for `start-api`.
    """

    def __init__(
        self, sam: str, python313: str, engine: Engine, name: str, options: Sequence[str], pause: Pause
    ) -> None:
        BUILDS.mkdir(exist_ok=True)
        self._folder, self.log = BUILDS / name, BUILDS / f"{name}.log"
        self.log.write_text("")
        # The SAM CLI writes down addresses with their queries, and those of sign-ins hold codes.
        self.log.chmod(0o600)
        self._sam = Command(sam, python313, _environment(engine), self.log, pause)
        self._options = (*engine.sam_options, *options)

    def build(self) -> None:
        """Build functions and layers. Raises `SamError`, `Interrupted`."""
        what = ("--template", str(TEMPLATE), "--build-dir", str(self._folder))
        self._sam.run("build", *what, "--parameter-overrides", f"Architecture={architecture()}")

    @contextmanager
    def serving(self, stack: Stack) -> Iterator[Popen[bytes]]:
        """Serve until the end of the block, which begins when every function of the API has answered.

        Raises `SamError` when one does not, or does not reach what is around it; and `Interrupted`.
        """
        built, template = self._folder / "template.yaml", Template(TEMPLATE, stack.parameters)
        command = ("local", "start-api", "--template", str(built), *start_options(stack), *self._options)
        # Variables of functions would take their values from here, whatever the template says.
        sam = self._sam.without(template.environment())
        try:
            # It asks STS who it is at each start, and would wait seconds for AWS to refuse it.
            with sam.running(*command, AWS_ENDPOINT_URL_STS=stack.aws_url) as process:
                self._await(process, lambda: _listens(stack.app_port))
                for method, path in _first_requests(template):
                    self._await_answer(process, method, stack.app_url + path)
                yield process
        finally:
            # Those that were just being made when it had to go.
            remove_containers(self._folder)

    def has_ended(self) -> SamError:
        """What to raise when it is gone though nobody ended it."""
        return self._sam.error("`sam local start-api` ended by itself")

    def _await(self, process: Popen[bytes], condition: Callable[[], bool]) -> None:
        self._sam.wait(lambda: condition() or process.poll() is not None)
        if process.poll() is not None:
            raise self.has_ended()

    def _await_answer(self, process: Popen[bytes], method: str, url: str) -> None:
        for _ in range(TRIES):
            asked = _in_background(lambda: _fault(method, url))
            self._await(process, asked.done)
            if not (fault := asked.result()):
                return
        raise self._sam.error(f"{method} {url}: {fault}\n{HINT}\n")


def _environment(engine: Engine) -> dict[str, str]:
    """The one of this program, with nothing of anybody's account at AWS."""
    unwanted = {name for name in os.environ if name in UNWANTED or name.startswith("AWS_ENDPOINT_URL")}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    direct = ",".join(filter(None, [kept.get("NO_PROXY"), "localhost", "127.0.0.1", engine.bind]))
    return {**kept, **NO_ACCOUNT, **engine.environment, "NO_PROXY": direct, "no_proxy": direct}


def _first_requests(template: Template) -> list[tuple[str, str]]:
    """One for each function, with nothing in it that a function would act upon."""
    first: dict[str, tuple[str, str]] = {}
    for route in template.routes():
        if "{" not in route.path:
            first.setdefault(route.function, (route.method, route.path))
    return list(first.values())


def _in_background(ask: Callable[[], str]) -> Future[str]:
    # In a thread that nobody has to wait for: the request may hang as long as an image is fetched.
    answer: Future[str] = Future()
    threading.Thread(target=lambda: answer.set_result(ask()), daemon=True).start()
    return answer


def _fault(method: str, url: str) -> str:
    try:
        answer = httpx.request(method, url, timeout=ANSWER_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        return f"no answer, {type(error).__name__}"
    # What a handler raises is an answer like any other to the SAM CLI.
    failed = answer.status_code >= 500 or answer.text.startswith('{"errorMessage"')
    return f"{answer.status_code} {answer.text[:500]}" if failed else ""


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False
