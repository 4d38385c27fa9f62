"""A segment to take away as a script: its cells and its prose in blocks that an editor runs one by one, and Python at once."""

from __future__ import annotations

import ast
import re
import symtable
from textwrap import indent

from nbformat import NotebookNode

from roadshow.notebooks import REACH

_BEGIN = """\
# %% [markdown]
# From the page {page} of the site. To run it, in the project's folder: {command}

# %%
{imports}

{reach}
# It does not run this file again.
globals().pop("__file__", None)
"""
_SHOW = '''

def show(value):
    """Print what a page shows under a cell: of a table its words, a line for each row."""
    table = getattr(value, "data", None) if hasattr(value, "_repr_html_") else None
    if isinstance(table, str):
        for row in BeautifulSoup(table, "html.parser").find_all(["tr", "p"]):
            print(row.get_text(" ", strip=True))
    elif value is not None:
        print(value)
'''
_HIDDEN = {"remove-cell", "remove-output"}


def script(cells: list[NotebookNode], page: str, command: str) -> str:
    """The script of a page's cells. It prints what the page prints, and shows figures at the end, where there is a screen."""
    blocks = [_block(cell) for cell in cells]
    code = "\n".join(blocks)
    shows, waits = (re.search(rf"^ *{name}\(", code, re.MULTILINE) for name in ("show", r"waiting\.run"))
    imports = [*(["import asyncio"] if waits else []), "import os", *(["", "from bs4 import BeautifulSoup"] if shows else [])]
    begin = _BEGIN.format(page=page, command=command, imports="\n".join(imports), reach=REACH)
    begin += (_SHOW if shows else "") + ("\n\nwaiting = asyncio.Runner()\n" if waits else "")
    end = ["# %%\nplt.show()\n"] if "plt." in code else []
    return "\n".join([begin, *blocks, *end])


def _block(cell: NotebookNode) -> str:
    if cell.cell_type == "markdown":
        return "\n".join(["# %% [markdown]", *_comment(cell.source), ""])
    tags = set(cell.metadata.get("tags", []))
    try:
        code = cell.source if tags & _HIDDEN else _with_show(cell.source)
        code = _caught(code) if "raises-exception" in tags else code
        code = _waited(code)
    except SyntaxError:
        code = "\n".join(["# Only a notebook runs this cell:", *_comment(cell.source)])
    return f"# %%\n{code}\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in text.splitlines()]


def _parsed(code: str) -> ast.Module:
    return compile(code, "a cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def _with_show(code: str) -> str:
    """The code of a cell, in which the value of the last line is shown, as a notebook does."""
    body = _parsed(code).body
    last = body[-1] if body else None
    if not isinstance(last, ast.Expr) or last.col_offset or ast.unparse(last).startswith("print("):
        return code
    lines, end = code.splitlines(), (last.end_lineno or 0) - 1
    rest = lines[end].encode()[last.end_col_offset :].decode()
    if rest.lstrip().startswith(";"):
        return code
    lines[end] = lines[end].removesuffix(rest) + ")" + rest
    lines[last.lineno - 1] = "show(" + lines[last.lineno - 1]
    return "\n".join(lines)


def _caught(code: str) -> str:
    """The code of a cell that may raise an exception: what comes after it runs."""
    return "\n".join(["try:", _indented(code), "except Exception as error:", '    print(f"{type(error).__name__}: {error}")'])


def _waited(code: str) -> str:
    """The code of a cell; where it waits, as a notebook's may and a script's not, as a function that is run."""
    try:
        compile(code, "a cell", "exec")
    except SyntaxError:
        body = _indented(code)
        [function] = symtable.symtable(f"async def _cell():\n{body}\n", "a cell", "exec").get_children()
        names = sorted(symbol.get_name() for symbol in function.get_symbols() if symbol.is_local())
        kept = [f"    global {', '.join(names)}"] if names else []
        return "\n".join(["async def _cell():", *kept, body, "", "", "waiting.run(_cell())"])
    return code


def _indented(code: str) -> str:
    """The code one step to the right, but for the inner lines of its texts, which would say something else."""
    texts = [node for node in ast.walk(_parsed(code)) if isinstance(node, ast.Constant | ast.JoinedStr)]
    inside = {line for text in texts for line in range(text.lineno + 1, (text.end_lineno or 0) + 1)}
    return "\n".join(line if number in inside else indent(line, "    ") for number, line in enumerate(code.splitlines(), 1))
