"""What needs PyTorch is collected only where it is installed: `nox -s torch` makes such an environment."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["*"]
