"""Set up, run and check Xiaoge with nothing but Python: `python dev.py run`, `python dev.py test`.

The first start installs what requirements.lock names into `.venv` and needs the package registry;
later starts need no network. `python dev.py` alone lists the verbs; what follows a verb goes on to
the tool behind it, as in `python dev.py test -k roster`.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
STAMP = VENV / "xiaoge-installed.txt"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST, NEWEST = (3, 11), (3, 13)
RUN_LOCK, DEV_LOCK = HERE / "requirements.lock", HERE / "requirements-dev.lock"
CODE = ("bot", "handlers", "storage", "domain", "tests", "benchmarks", "docs", "dev.py")
STRICT = ("bot", "handlers", "storage", "domain")

VERBS = {
    "setup": "make .venv and install everything (`--run` leaves the tools for tests out)",
    "run": "start Xiaoge: `xiaoge run`",
    "demo": "play a day of the sample town: `xiaoge demo`",
    "test": "run the tests",
    "check": "format, lint, types, import contracts and tests: what must be green",
    "format": "put the code into shape",
    "lint": "look for mistakes, and for imports that go the wrong way",
    "types": "check the types",
    "bench": "measure speed, memory and quality",
    "docs": "write the reference pages anew",
    "lock": "choose the versions of all packages anew (needs uv)",
}


def main() -> int:
    """Run one verb; the exit code is that of the tool behind it."""
    verb, rest = (sys.argv[1], sys.argv[2:]) if len(sys.argv) > 1 else ("help", [])
    if verb not in VERBS:
        print("python dev.py VERB …\n")
        for name, meaning in VERBS.items():
            print(f"  {name:8} {meaning}")
        return 0 if verb in {"help", "--help", "-h"} else 2
    refuse_wrong_python()
    if verb == "setup":
        set_up(dev="--run" not in rest)
        print(f"ready: {BIN}")
        return 0
    set_up(dev=verb not in {"run", "demo"})
    return ACTIONS[verb](rest)


def refuse_wrong_python() -> None:
    """Say which Python is needed, instead of failing somewhere in the middle."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        found = ".".join(map(str, sys.version_info[:3]))
        stop(f"Python {found} is too {'old' if sys.version_info < OLDEST else 'new'}",
             "install Python 3.11, 3.12 or 3.13 and start this file with that one")  # fmt: skip


def set_up(*, dev: bool) -> None:
    """Make `.venv` what the locks say; at once when it already is."""
    wanted = fingerprint(dev=dev)
    stamps = STAMP.read_text("utf-8").split() if STAMP.is_file() else []
    if wanted in stamps and PYTHON.exists():
        return
    if not usable(PYTHON):
        make_venv()
    lock = DEV_LOCK if dev else RUN_LOCK
    print(f"installing from {lock.name} (only now; later starts need no network) …", flush=True)
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    if call([*pip, "--no-deps", "--require-hashes", "-r", str(lock)]):
        stop("the packages could not be installed (see above)",
             "make sure that the package registry can be reached (a proxy? PIP_INDEX_URL?) "
             "and start again; what was installed already is kept")  # fmt: skip
    own = ["--no-index", "--no-deps", "--no-build-isolation", "--editable", str(HERE)]
    if call([*pip, *own]):
        stop("Xiaoge itself could not be installed (see above)", "remove .venv and start again")
    done = [wanted, fingerprint(dev=False)] if dev else [wanted]
    STAMP.write_text("\n".join(done) + "\n", "utf-8")


def make_venv() -> None:
    """An empty `.venv` with pip in it."""
    try:
        for needed in ("venv", "ensurepip"):  # Debian and Ubuntu leave them out
            importlib.import_module(needed)
    except ImportError:
        stop("this Python cannot make virtual environments (no venv or ensurepip module)",
             "install it: on Debian and Ubuntu the package python3-venv")  # fmt: skip
    if VENV.exists():
        shutil.rmtree(VENV)
    print("making .venv …", flush=True)
    if call([sys.executable, "-m", "venv", str(VENV)]):
        stop("making .venv failed (see above)", "remove .venv and start again")


def usable(python: Path) -> bool:
    """Whether `.venv` runs, and with a Python that we know."""
    if not python.exists():
        return False
    wanted = f"import sys; sys.exit(not {OLDEST} <= sys.version_info[:2] <= {NEWEST})"
    return call([str(python), "-c", wanted]) == 0


def fingerprint(*, dev: bool) -> str:
    """What the installed things depend on, as one word."""
    found = hashlib.sha256(b"dev" if dev else b"run")
    for file in (DEV_LOCK if dev else RUN_LOCK, HERE / "pyproject.toml"):
        if not file.is_file():
            stop(f"{file.name} is missing", "get the whole source of Xiaoge")
        found.update(file.read_bytes().replace(b"\r\n", b"\n"))
    found.update(str(HERE).encode())
    return found.hexdigest()


def stop(what: str, remedy: str) -> None:
    """Say what is wrong and what to do, and end."""
    sys.exit(f"dev.py: {what}: {remedy}")


def call(command: list[str]) -> int:
    """Run a command to its end here; its exit code. Ctrl-C is the command's own affair."""
    process = subprocess.Popen(command, cwd=HERE)  # noqa: S603 # our own words
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def module(name: str, *words: str) -> int:
    """Run a module of `.venv`."""
    return call([str(PYTHON), "-m", name, *words])


def first_failure(*steps: tuple[str, list[str]]) -> int:
    """Run modules one after the other; stop at the first that fails."""
    for name, words in steps:
        print(f"— {name} {' '.join(words)}", flush=True)
        if code := module(name, *words):
            return code
    return 0


def lint(rest: list[str]) -> int:
    """Ruff, and the import contracts."""
    contracts = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    code = first_failure(("ruff", ["check", *(rest or there(CODE))]))
    return code or call([str(PYTHON), "-c", contracts, "--no-cache"])


def types(rest: list[str]) -> int:
    """Basedpyright: strict for the product, basic for the tests."""
    return module("basedpyright", *rest)


def check(rest: list[str]) -> int:
    """Everything that must be green."""
    code = first_failure(("ruff", ["format", "--check", *there(CODE)]))
    code = code or lint([]) or types([])
    return code or test(rest)


def test(rest: list[str]) -> int:
    """The tests."""
    return module("pytest", *rest)


def bench(rest: list[str]) -> int:
    """The benchmarks."""
    return module("benchmarks", *rest)


def lock(rest: list[str]) -> int:
    """Both locks, with hashes and without any address."""
    uv = shutil.which("uv")
    if uv is None:
        stop("uv is not installed", "install it (pip install uv) and start again")
    words = ["pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes",
             "--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]  # fmt: skip
    source = ["pyproject.toml", "--group", "build"]
    runs = [str(uv), *words, *rest, *source, "-o", RUN_LOCK.name]
    tests = [str(uv), *words, *rest, *source, "--group", "dev", "-o", DEV_LOCK.name]
    return call(runs) or call(tests)


def start(verb: str) -> Callable[[list[str]], int]:
    """A verb of the product itself."""
    return lambda rest: module("bot", verb, *rest)


def tidy(rest: list[str]) -> int:
    """Mend what can be mended by itself, and put the code into shape."""
    where = rest or there(CODE)
    return first_failure(
        ("ruff", ["check", "--fix", "--exit-zero", "--quiet", *where]),
        ("ruff", ["format", *where]),
    )


def docs(rest: list[str]) -> int:
    """Write the reference pages anew; `--check` only compares."""
    return call([str(PYTHON), str(HERE / "docs" / "generate.py"), *rest])


def there(names: tuple[str, ...]) -> list[str]:
    """Those folders and files that exist."""
    return [name for name in names if (HERE / name).exists()]


ACTIONS: dict[str, Callable[[list[str]], int]] = {
    "run": start("run"),
    "demo": start("demo"),
    "test": test,
    "check": check,
    "format": tidy,
    "lint": lint,
    "types": types,
    "bench": bench,
    "docs": docs,
    "lock": lock,
}


if __name__ == "__main__":
    sys.exit(main())
