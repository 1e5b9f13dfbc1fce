"""The layers and the types of the whole package, checked by the tools that pyproject.toml configures."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
LAYOUT = (
    "__init__",
    "__main__",
    "bootstrap",
    "core",
    "adapters/__init__",
    "adapters/db",
    "config/__init__",
    "config/config",
    "domain/__init__",
    "domain/build/__init__",
    "domain/build/sample",
    "domain/image/__init__",
    "domain/image/blur",
    "domain/model3d/__init__",
    "domain/model3d/sample",
    "domain/shared/__init__",
    "domain/shared/sample",
    "entrypoints/__init__",
    "entrypoints/cli",
    "service/__init__",
    "service/catalog",
)


def run(tool: str, *arguments: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [str(TOOLS / tool), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False)


def check_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return run("lint-imports", "--no-cache", "--no-logo", folder=folder)


@pytest.fixture(scope="module")
def layout(tmp_path_factory) -> Path:
    """An empty package of our layout under our contracts; lint-imports looks for packages in the folder it runs in."""
    folder = tmp_path_factory.mktemp("layout")
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[tool.importlinter]")
    (folder / "pyproject.toml").write_text("".join(contracts[1:]), encoding="utf-8")
    for module in LAYOUT:
        file = folder / "multimodal" / f"{module}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return folder


@pytest.fixture
def plant(layout):
    """Put one import into one module, check, and take it out again."""

    def checked(module: str, statement: str) -> subprocess.CompletedProcess[str]:
        file = layout / "multimodal" / f"{module}.py"
        is_new = not file.exists()
        file.write_text(statement, encoding="utf-8")
        try:
            return check_imports(layout)
        finally:
            file.unlink() if is_new else file.write_text("", encoding="utf-8")

    return checked


def test_imports_keep_the_contracts():
    result = check_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_types_are_sound():
    result = run("mypy")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "statement"),
    [
        pytest.param("domain/image/blur", "import multimodal.domain.shared.sample", id="a-modality-uses-shared"),
        pytest.param("domain/build/sample", "import multimodal.domain.image.blur", id="build-uses-a-modality"),
        pytest.param("bootstrap", "import multimodal.adapters.db", id="bootstrap-picks-an-adapter"),
        pytest.param("domain/shared/sample", "import multimodal.core", id="everybody-knows-core"),
    ],
)
def test_what_the_layout_allows_is_allowed(plant, module, statement):
    result = plant(module, statement)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("module", "statement", "contract"),
    [
        pytest.param("domain/image/blur", "import multimodal.adapters.db", "Imports run only downwards", id="upwards"),
        pytest.param("service/catalog", "import multimodal.adapters.db", "Imports run only downwards", id="sideways"),
        pytest.param("extra", "", "Imports run only downwards", id="a-place-that-no-layer-names"),
        pytest.param("domain/image/blur", "import multimodal.domain.model3d.sample", "Modalities", id="two-modalities"),
        pytest.param("domain/image/blur", "import multimodal.domain.build.sample", "Modalities", id="image-uses-build"),
        pytest.param(
            "domain/shared/sample", "import multimodal.domain.image.blur", "Modalities", id="shared-knows-one"
        ),
        pytest.param("domain/image/blur", "import pydantic", "The domain knows no framework", id="a-framework"),
        pytest.param(
            "domain/image/__init__", "def f():\n    import yaml", "The domain knows", id="hidden-in-a-function"
        ),
    ],
)
def test_what_the_layout_forbids_is_found(plant, module, statement, contract):
    result = plant(module, statement)
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(contract in line and "BROKEN" in line for line in result.stdout.splitlines()), result.stdout
