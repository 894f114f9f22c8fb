"""What the container image is: build/lvs-operator-image.tar, as `make image` leaves it. Run by `make test-image`."""

import json
import pathlib
import re
import stat
import subprocess
import tarfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ARCHIVE = ROOT / "build/lvs-operator-image.tar"
PROGRAMS = ["lvs-agent", "lvs-operator", "lvsctl"]
MEGABYTE = 1_000_000
LIMIT = 90 * MEGABYTE


@pytest.fixture(scope="module", name="image")
def _image(tmp_path_factory):
    """(configuration, unpacked root folder)"""
    if not ARCHIVE.exists():
        pytest.skip(f"no image: {ARCHIVE.relative_to(ROOT)} is not there; run make image")
    root = tmp_path_factory.mktemp("image")
    root.chmod(0o755)  # the image's user enters it
    with tarfile.open(ARCHIVE) as archive:
        (entry,) = json.load(archive.extractfile("manifest.json"))
        for layer in entry["Layers"]:
            with tarfile.open(fileobj=archive.extractfile(layer)) as files:
                files.extractall(root, numeric_owner=True)
        return json.load(archive.extractfile(entry["Config"])), root


def _inside(root, *command) -> str:
    """Runs a program of the image as the image's user, with nothing of this machine around it."""
    done = subprocess.run(["/usr/sbin/chroot", "--userspec=65532:65532", str(root), *command], capture_output=True, text=True,
                          check=False, env={"PATH": "/usr/bin"})
    assert done.returncode == 0, done.stderr
    return done.stdout


def _files(root) -> list[pathlib.Path]:
    return [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]


def test_it_is_small(image):
    _, root = image
    size = sum(path.stat().st_size for path in _files(root))
    print(f"archive {ARCHIVE.stat().st_size / MEGABYTE:.1f} MB, unpacked {size / MEGABYTE:.1f} MB")
    assert size <= LIMIT and ARCHIVE.stat().st_size <= LIMIT


def test_its_programs_run(image):
    _, root = image
    for program in PROGRAMS:
        assert re.search(r"\d+\.\d+\.\d+", _inside(root, program, "--version")), program
        assert "--help" in _inside(root, program, "--help"), program
    assert "lvsctl" in _inside(root, "kubectl-lvs", "--help")


def test_it_runs_as_nobody_in_particular_and_says_what_it_is(image):
    configuration, _ = image
    assert configuration["config"]["User"] == "65532:65532"
    assert configuration["os"] == "linux" and configuration["architecture"]
    labels = configuration["config"]["Labels"]
    version = re.search(r"project\(lvs-operator VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text()).group(1)
    assert labels["org.opencontainers.image.title"] == "lvs-operator"
    assert labels["org.opencontainers.image.version"] == version
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"


def test_nothing_in_it_helps_an_intruder(image):
    _, root = image
    programs = {path.name for path in _files(root) if path.stat().st_mode & 0o111 and "/lib" not in str(path.relative_to(root).parent)}
    assert programs == set(PROGRAMS), "no shell, no package manager"
    special = [path for path in _files(root) if path.stat().st_mode & (stat.S_ISUID | stat.S_ISGID)]
    writable = [path for path in _files(root) if path.stat().st_mode & stat.S_IWOTH]
    assert not special and not writable


def test_its_programs_are_stripped(image):
    _, root = image
    for program in PROGRAMS:
        sections = subprocess.run(["readelf", "-SW", str(root / "usr/bin" / program)], capture_output=True, text=True, check=True).stdout
        assert ".symtab" not in sections and ".debug_info" not in sections, program


def test_scanners_find_where_each_library_is_from(image):
    _, root = image
    assert "ID=debian" in (root / "etc/os-release").read_text()
    records = {path.name: path.read_text() for path in (root / "var/lib/dpkg/status.d").iterdir()}
    for needed in ("libc6", "libstdc++6", "libssl3", "libcpprest2.10"):
        assert re.search(r"^Version: \S+", records[needed], re.M), needed
    for package in records:
        assert (root / "usr/share/doc" / package / "copyright").stat().st_size > 0, package
    assert "Apache License" in (root / "usr/share/doc/lvs-operator/copyright").read_text()
