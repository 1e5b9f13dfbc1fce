"""A server that speaks S3, and where files can be put: a folder, memory, a bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import fsspec
import obstore
import pytest
from moto.server import ThreadedMotoServer
from obstore.fsspec import FsspecStore
from obstore.store import S3Store

BUCKET = "captures"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@contextmanager
def running_s3() -> Iterator[dict[str, str]]:
    """The variables that lead to a server with one bucket; they are set inside."""
    import httpx

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {**CREDENTIALS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            FsspecStore.clear_instance_cache()
            httpx.put(f"http://{host}:{port}/{BUCKET}").raise_for_status()
            yield variables
    finally:
        FsspecStore.clear_instance_cache()
        server.stop()


@dataclass(frozen=True)
class Shelf:
    """Where a test puts files. root: a path or URL."""

    root: str

    def at(self, name: str) -> str:
        """The path or URL of a file or folder."""
        return f"{self.root}/{name}"

    def put(self, name: str, data: bytes | str) -> str:
        """Write a file; where it lies."""
        data = data if isinstance(data, bytes) else data.encode()
        if self.root.startswith("s3://"):
            store = S3Store(BUCKET, client_options={"allow_http": True})
            obstore.put(store, self.at(name).removeprefix(f"s3://{BUCKET}/"), data)
        elif "://" in self.root:
            fsspec.filesystem("memory").pipe_file(self.at(name), data)
        else:
            Path(self.at(name)).parent.mkdir(parents=True, exist_ok=True)
            Path(self.at(name)).write_bytes(data)
        return self.at(name)
