"""What is looked for on the machine, and how it is got when it is not there."""

PYTHON313 = """\
Python 3.13 with pip is needed, Lambda's own version. To get it:
  with uv, on any system      uv python install 3.13
  Debian 13, Ubuntu 25.04     sudo apt install python3.13 python3-pip
  macOS                       brew install python@3.13
Where it is not on PATH as python3.13, name it: make … PYTHON313=/where/it/is"""

DOCKER = """\
Docker is needed: the SAM CLI runs the functions in its containers. To get it:
  Debian, Ubuntu   sudo apt install docker.io && sudo usermod -aG docker "$USER", then log in again
  macOS            brew install colima docker && colima start
                   or Docker Desktop, https://docs.docker.com/desktop/setup/install/mac-install/
`make run` takes none: it serves the same functions without containers."""

DOCKER_ENGINE = """\
Docker is installed, but does not answer. To start it:
  Linux   sudo systemctl start docker
  macOS   colima start, or open Docker Desktop
It says: {said}"""

DOCKER_GROUP = """\
Docker runs, but this user may not use it. To be allowed to:
  sudo usermod -aG docker "$USER", then log in again
It says: {said}"""

SAM = """\
The AWS SAM CLI is needed, and there is no {command}. `make own-sam` installs it here, or see
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/install-sam-cli.html"""


class Missing(Exception):
    """This machine lacks something; the message says what, and how to get it."""
