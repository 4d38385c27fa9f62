"""Note what a kernel, and each Python process it starts, depends on: files, packages, and what it reads of the visit.

Python imports a module of this name at start-up. The build puts this folder on the kernels' PYTHONPATH and the name of
a log in ROADSHOW_TRACE; without that name nothing happens. Each line of the log is a letter, a tab and a name: ``r`` or
``w`` and the path of a file that was opened; ``p`` and the top-level name of an installed package; ``v`` and the name of a
table of the visit, which code tells by the audit event ``visit.read``.
"""

import os
import sys

_noted: set[tuple[str, str]] = set()
_logs: list[str] = []


def trace(log: str) -> None:
    """Note in `log` what was noted so far, and all that comes."""
    if not _logs:
        sys.addaudithook(_note)
    _logs.append(log)
    _write("".join(f"{mode}\t{name}\n" for mode, name in _noted))


def _note(event: str, args: tuple) -> None:
    if event == "visit.read":
        line = "v", str(args[0])
    elif event == "open" and isinstance(args[0], (str, bytes)):
        line = _opened(os.path.abspath(os.fsdecode(args[0])), args[2])
    else:
        return
    if line not in _noted and line[1] not in ("", *_logs):
        _noted.add(line)
        _write("{}\t{}\n".format(*line))


def _opened(path: str, flags: int) -> tuple[str, str]:
    # Python may keep what it compiled under a folder of its own; below it stand the paths of the sources.
    origin = path.removeprefix(sys.pycache_prefix) if sys.pycache_prefix else path
    if origin.startswith(_INSTALLED) and path.endswith((".py", ".pyc", ".so", os.sep)):
        _, packages, inside = origin.partition(_PACKAGES)
        return "p", inside.split(os.sep)[0].split(".")[0] if packages else ""
    return "w" if flags & (os.O_WRONLY | os.O_RDWR) else "r", path


_INSTALLED = (sys.base_prefix + os.sep, sys.prefix + os.sep)
_PACKAGES = os.sep + "site-packages" + os.sep


def _write(text: str) -> None:
    # Opened afresh each time: a process may close descriptors that it does not know.
    descriptor = os.open(_logs[-1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, text.encode("utf-8", "surrogateescape"))
    os.close(descriptor)


if os.environ.get("ROADSHOW_TRACE"):
    trace(os.environ["ROADSHOW_TRACE"])
