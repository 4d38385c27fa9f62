"""Write mathematics as MathML at build time, which browsers show without a script or a font of their own."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

logger = logging.getLogger(__name__)


def _write(self: HTML5Translator, node: nodes.math | nodes.math_block, display: str) -> None:
    # Imported here because most builds write no formula.
    from latex2mathml.converter import convert  # noqa: PLC0415

    try:
        self.body.append(convert(node.astext(), display=display))
    except Exception as error:  # latex2mathml documents no base class of its own for what it cannot read
        logger.warning("cannot read the formula %r: %s", node.astext(), error, location=node, type="roadshow", subtype="math")
    raise nodes.SkipNode


def _inline(self: HTML5Translator, node: nodes.math) -> None:
    _write(self, node, "inline")


def _block(self: HTML5Translator, node: nodes.math_block) -> None:
    _write(self, node, "block")


def setup(app: Sphinx) -> None:
    """Offer the renderer; a conf.py chooses it with ``html_math_renderer = "mathml"``."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
