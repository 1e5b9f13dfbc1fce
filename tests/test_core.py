"""The names and folders that the whole package agrees on."""

from pathlib import Path

from multimodal.core import APPLICATION, Folders, checkout, default_home, user_data_folder, version

ROOT = Path(__file__).resolve().parent.parent


def test_the_version_is_that_of_the_installed_package():
    assert f'version = "{version()}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_a_checkout_writes_into_the_project():
    assert checkout() == default_home() == ROOT


def test_an_installed_package_writes_into_the_users_data_folder(tmp_path):
    installed = tmp_path / "site-packages" / APPLICATION / "core.py"
    assert checkout(installed) is None
    assert default_home(installed) == user_data_folder()
    assert user_data_folder().name == APPLICATION


def test_a_folder_called_src_is_no_checkout_without_a_project_file(tmp_path):
    assert checkout(tmp_path / "src" / APPLICATION / "core.py") is None


def test_everything_written_lies_below_one_home(tmp_path):
    folders = Folders(tmp_path)
    places = {folders.artifacts, folders.data, folders.logs, folders.database}
    assert {place.parent for place in places} == {tmp_path}
    assert len(places) == 4


def test_asking_for_folders_makes_none(tmp_path):
    assert Folders(tmp_path / "home").data.parent == tmp_path / "home"
    assert not (tmp_path / "home").exists()
