"""Checks of the project: `nox` runs all but `torch` and `browser`, `nox -s ruff -- src/multimodal` one of one place.

Sessions run with the tools beside the Python that nox runs on, the `.venv` of `./scripts/run_tests.sh`: fast, and the
locked versions exactly. In an environment of your own, `nox -s install` brings these there first. Only `torch` and
`browser` make environments for themselves.
"""

import sys
from pathlib import Path

import nox

LOCATIONS = "src", "tests", "scripts", "noxfile.py", "benchmarks"
TOOLS = Path(sys.executable).parent
COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--no-annotate", "--no-emit-index-url"),
    *("--custom-compile-command=nox -s lock", "--group=build", "pyproject.toml"),
)

nox.options.default_venv_backend = "none"
nox.options.sessions = ["ruff", "types", "imports", "pytest"]


def run(session: nox.Session, tool: str, *arguments: str) -> None:
    """Run a tool of this environment, whatever PATH says."""
    session.run(str(TOOLS / tool), *arguments)


@nox.session
def install(session: nox.Session) -> None:
    """Install the locked packages and the project itself into this environment."""
    here = ("pip", "install", "--python", sys.executable, "--no-deps")
    run(session, "uv", *here, "--require-hashes", "-r", "requirements/dev.txt")
    run(session, "uv", *here, "--no-build-isolation", "-e", ".")


@nox.session
def ruff(session: nox.Session) -> None:
    """Lint, and check the format."""
    places = session.posargs or LOCATIONS
    run(session, "ruff", "check", *places)
    run(session, "ruff", "format", "--check", *places)


@nox.session
def ruff_fix(session: nox.Session) -> None:
    """Mend what ruff can mend, and format."""
    places = session.posargs or LOCATIONS
    run(session, "ruff", "check", "--fix", *places)
    run(session, "ruff", "format", *places)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types (mypy --strict)."""
    run(session, "mypy", *(session.posargs or ["src"]))


@nox.session
def imports(session: nox.Session) -> None:
    """Check the layers (import-linter)."""
    run(session, "lint-imports", *session.posargs)


@nox.session
def pytest(session: nox.Session) -> None:
    """Run the tests, and the examples in docstrings and documents."""
    run(session, "pytest", *session.posargs)


@nox.session(venv_backend="uv", reuse_venv=True)
def torch(session: nox.Session) -> None:
    """Run the tests that need PyTorch (6 GB with CUDA), in an environment of their own that is kept between runs."""
    python = str(Path(session.bin) / "python")
    pip = "uv", "pip", "install", "--quiet", "--python", python
    run(session, *pip, "--no-deps", "--require-hashes", "-r", "requirements/dev.txt")
    run(session, *pip, "-c", "requirements/constraints.txt", "torch", "onnxscript")
    run(session, *pip, "--no-deps", "--no-build-isolation", "-e", ".")
    session.run("python", "-m", "pytest", *(session.posargs or ["tests/torch"]))


@nox.session(venv_backend="uv", reuse_venv=True)
def browser(session: nox.Session) -> None:
    """Look at pages in an installed Chromium; Playwright is in an environment of its own, kept between runs."""
    python = str(Path(session.bin) / "python")
    pip = "uv", "pip", "install", "--quiet", "--python", python
    run(session, *pip, "--no-deps", "--require-hashes", "-r", "requirements/dev.txt")
    run(session, *pip, "-c", "requirements/constraints.txt", "--group", "browser")
    run(session, *pip, "--no-deps", "--no-build-isolation", "-e", ".")
    session.run("python", "-m", "pytest", *(session.posargs or ["tests/browser"]))


@nox.session
def lock(session: nox.Session) -> None:
    """Write requirements/*.txt anew after a change in pyproject.toml; `-- --upgrade` takes newer versions too.

    The constraints hold one version of everything that any extra needs; what serves and what tests takes its versions
    from there, so that an extra can be added later: `pip install -c requirements/constraints.txt -e ".[gui]"`.
    """
    everything = "requirements/constraints.txt"
    hashed = "--generate-hashes", "--constraints", everything
    run(session, "uv", *COMPILE, "--all-extras", "--group=browser", *session.posargs, "-o", everything)
    run(session, "uv", *COMPILE, *hashed, "--extra=scan", "-o", "requirements/base.txt")
    run(session, "uv", *COMPILE, *hashed, "--extra=scan", "--extra=tracking", "-o", "requirements/tracking.txt")
    run(session, "uv", *COMPILE, *hashed, "--extra=dev", "-o", "requirements/dev.txt")
