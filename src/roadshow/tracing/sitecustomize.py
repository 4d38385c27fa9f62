"""Note every file that a kernel, and each Python process it starts, opens; and what it reads of the visit.

Python imports a module of this name at start-up. The build puts this folder on the kernels' PYTHONPATH and the name of
a log in ROADSHOW_TRACE; without that name nothing happens. Each line of the log is ``r`` or ``w``, a tab, and a path; or
``v``, a tab, and the name of a table of the visit, which code tells by the audit event ``visit.read``.
"""

import os
import sys


def _trace(log: str) -> None:
    seen: set[tuple[str, str]] = set()
    installed = (sys.base_prefix + os.sep, sys.prefix + os.sep)

    def note(event: str, args: tuple) -> None:
        if event == "visit.read":
            mode, path = "v", str(args[0])
        elif event == "open" and isinstance(args[0], (str, bytes)):
            path = os.path.abspath(os.fsdecode(args[0]))
            mode = "w" if args[2] & (os.O_WRONLY | os.O_RDWR) else "r"
        else:
            return
        if (mode, path) in seen or path == log:
            return
        seen.add((mode, path))
        # Python may keep what it compiled under a folder of its own; below it stand the paths of the sources.
        origin = path.removeprefix(sys.pycache_prefix) if sys.pycache_prefix else path
        if origin.startswith(installed) and path.endswith((".py", ".pyc", ".so", os.sep)):
            return
        # Opened afresh each time: a process may close descriptors that it does not know.
        descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(descriptor, f"{mode}\t{path}\n".encode("utf-8", "surrogateescape"))
        os.close(descriptor)

    sys.addaudithook(note)


if os.environ.get("ROADSHOW_TRACE"):
    _trace(os.environ["ROADSHOW_TRACE"])
