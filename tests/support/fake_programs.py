"""Programs that stand on PATH in place of real ones."""

import sys
from pathlib import Path

DOCKER = """\
#!/bin/sh
echo "$@" >> {folder}/docker.asked
case "$1" in
{cases}
esac
"""
# Serves as the SAM CLI does, as well or badly as FAKE says.
SAM = """\
#!{python}
import http.server, json, os, pathlib, signal, sys, time

fake, folder = os.environ.get("FAKE", ""), pathlib.Path({folder!r})
seen = dict(arguments=sys.argv[1:], environment=dict(os.environ))
(folder / f"sam.{{sys.argv[1]}}").write_text(json.dumps(seen))
print("said by", sys.argv[1], flush=True)
if fake == "takes long":
    time.sleep(60)
if sys.argv[1] == "build":
    sys.exit(fake == "fails to build")
if fake == "ends":
    sys.exit()
if fake == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with (folder / "requests").open("a") as requests:
            print(self.command, self.path, file=requests)
        if fake == "ends later":
            os._exit(1)
        status = 503 if fake == "does not reach" and self.path == "/login" else 401
        body = b'{{"errorMessage": "No module"}}' if fake == "raises" else b'{{"code": "a_code"}}'
        self.send_response(200 if fake == "raises" else status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_DELETE = do_GET


port = int(sys.argv[sys.argv.index("--port") + 1])
http.server.ThreadingHTTPServer(("127.0.0.1", port), Answer).serve_forever()
"""
UP = {
    "version": "echo 28.0.0",
    "network": """echo '[{"Subnet": "127.0.0.0/8", "Gateway": "127.0.0.1"}]'""",
    "context": "echo unix:///of/the/context.sock",
}


def put_docker(folder: Path, **answers: str) -> None:
    """Put a `docker` there that is up; `answers` are lines of sh, by the first word of the command."""
    cases = "\n".join(f"{word}) {line};;" for word, line in (UP | answers).items())
    _put(folder / "docker", DOCKER.format(folder=folder, cases=cases))


def put_sam(folder: Path) -> Path:
    """Put a `sam` there, which notes down how it was called."""
    return _put(folder / "sam", SAM.format(python=sys.executable, folder=str(folder)))


def put_python313(folder: Path, status: int = 0) -> Path:
    """Put a `python3.13` there: the right one, or one with another version or without pip."""
    folder.mkdir(parents=True, exist_ok=True)
    return _put(folder / "python3.13", f"#!/bin/sh\nexit {status}\n")


def _put(file: Path, text: str) -> Path:
    file.write_text(text)
    file.chmod(0o755)
    return file
