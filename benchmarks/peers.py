"""How others build the same talks: the same cells of the same segments, each deck as that tool has it."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from content import decks
from myst_nb.core.read import read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig

OURS = re.compile(r"^:::\{(?:slide|notes|reader|speakers|adopters|counter-evidence)\}.*$", re.MULTILINE)
MYSTMD = Path(__file__).parents[1] / ".tools/peers/bin"
CONF = """
extensions = ["PARSER", "sphinx_design", "sphinx_copybutton"]
nb_execution_mode = "EXECUTION"
nb_execution_timeout = 600
nb_execution_raise_on_error = True
project = "Plain"
exclude_patterns = ["_build", "examples", "visits", "evidence", "data"]
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "tasklist"]
myst_heading_anchors = 3
suppress_warnings = ["myst", "toc", "docutils", "ref", "mystnb"]
html_theme = "sphinx_book_theme"
html_static_path = ["assets"]
html_css_files = ["theme.css", "site.css"]
"""


def run(command: list[str], folder: Path, **variables: str) -> None:
    """Run a tool in the project's folder, and end all that it started; its kernels find what stands there."""
    path = os.pathsep.join([str(folder / "src"), str(folder)])
    environment = {**os.environ, "PYTHONPATH": path, **variables}
    # As on a user's machine, where Python keeps what it compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    program = shutil.which(command[0], path=environment["PATH"])
    with tempfile.TemporaryFile("w+") as said:
        started = subprocess.Popen(
            [program or command[0], *command[1:]],
            cwd=folder,
            env=environment,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            status = started.wait()
        finally:
            # mystmd leaves its Jupyter server behind.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGTERM)
        said.seek(0)
        if status:
            raise SystemExit(f"{' '.join(command)} failed:\n{said.read()[-3000:]}")


def _markdown(text: str) -> str:
    """A page without directives of ours."""
    return re.sub(r"^```\{deck\}", "```text", OURS.sub(":::{note}", text), flags=re.MULTILINE)


def prepare_sphinx(ours: Path, folder: Path, parser: str = "myst_nb", execution: str = "force") -> Path:
    """The project for plain Sphinx with `parser`: the same pages, and a page for each deck with all its cells."""
    ignored = shutil.ignore_patterns("_build", "*.md", "conf.py")
    shutil.copytree(ours, folder, ignore=ignored)
    for source in ours.rglob("*.md"):
        text = _markdown(source.read_text(encoding="utf-8"))
        if parser == "myst_parser":
            text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
            text = re.sub(r"^```\{code-cell\}.*?\n(?:---\n.*?\n---\n)?", "```python\n", text, flags=re.MULTILINE | re.DOTALL)
        target = folder / source.relative_to(ours)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    if execution != "off":
        for name, segments in decks(ours).items():
            (folder / f"talks/{name}.md").write_text(_joined(folder, name, segments), encoding="utf-8")
    (folder / "conf.py").write_text(CONF.replace("PARSER", parser).replace("EXECUTION", execution), encoding="utf-8")
    return folder


def _joined(folder: Path, name: str, segments: list[str]) -> str:
    pages = [(folder / f"talks/segments/{segment}.md").read_text(encoding="utf-8") for segment in segments]
    front = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python 3}\n---\n"
    return front + f"# {name}\n\n" + "\n\n".join(re.sub(r"\A---\n.*?\n---\n# ", "## ", page, flags=re.DOTALL) for page in pages)


def sphinx(folder: Path) -> None:
    """Plain Sphinx with the pages of `prepare_sphinx`, reading on all cores."""
    run([sys.executable, "-m", "sphinx", "-q", "-j", "auto", str(folder), str(folder / "_build/html")], folder)


def prepare_nbconvert(ours: Path, folder: Path) -> Path:
    """A notebook for each deck."""
    shutil.copytree(ours, folder, ignore=shutil.ignore_patterns("_build"))
    for name, segments in decks(ours).items():
        text = _joined(folder, name, segments)
        notebook = read_myst_markdown_notebook(text, config=MdParserConfig(), path=str(folder / f"{name}.md"))
        nbformat.write(notebook, folder / f"{name}.ipynb")
    return folder


def nbconvert(folder: Path) -> None:
    """Run and convert every notebook to reveal.js slides."""
    notebooks = [path.name for path in sorted(folder.glob("*.ipynb"))]
    run([sys.executable, "-m", "nbconvert", "--to", "slides", "--execute", "--output-dir", "_build", *notebooks], folder)


def prepare_mystmd(ours: Path, folder: Path) -> Path:
    """The segments alone, for the engine of Jupyter Book 2, with the kernel of this environment."""
    shutil.copytree(ours, folder, ignore=shutil.ignore_patterns("_build"))
    for path in (folder / "talks/segments").glob("*.md"):
        # It would ask the network for each DOI.
        path.write_text(re.sub(r"https?://(dx\.)?doi\.org/", "https://example.org/", _markdown(path.read_text(encoding="utf-8"))))
    (folder / "index.md").write_text("# The segments\n", encoding="utf-8")
    names = ["index.md", *(str(path.relative_to(folder)) for path in sorted((folder / "talks/segments").glob("*.md")))]
    toc = "".join(f"    - file: {name}\n" for name in names)
    (folder / "myst.yml").write_text(f"version: 1\nproject:\n  title: The segments\n  toc:\n{toc}", encoding="utf-8")
    kernel = folder / "_jupyter/kernels/python3"
    kernel.mkdir(parents=True)
    # As root its server would not start, and mystmd would go on without the cells.
    (folder / "_jupyter/jupyter_server_config.json").write_text(json.dumps({"ServerApp": {"allow_root": True}}))
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernel / "kernel.json").write_text(json.dumps({"argv": command, "display_name": "Python 3", "language": "python"}))
    return folder


def mystmd(folder: Path) -> None:
    """Run the cells of every segment, and write one as XML: the template of its pages has to be fetched from the network."""
    pages = sorted((folder / "talks/segments").glob("*.md"))
    path = os.pathsep.join([str(MYSTMD), os.environ["PATH"]])
    jupyter = str(folder / "_jupyter")
    # The export of one page runs all pages of the project; on more cores than its default.
    command = ["myst", "build", str(pages[0].relative_to(folder)), "--execute", "--execute-parallel", str(os.cpu_count()), "--xml"]
    run([*command, "--ci"], folder, PATH=path, JUPYTER_PATH=jupyter, JUPYTER_CONFIG_DIR=jupyter)
    # It ends well whatever becomes of the cells, and keeps a page's outputs only where all of them ran.
    ran = len(list((folder / "_build/execute").glob("*.ipynb")))
    if ran != (expected := sum("```{code-cell}" in page.read_text(encoding="utf-8") for page in pages)):
        raise SystemExit(f"mystmd ran the cells of {ran} of {expected} pages")
