"""The pictures of slides on the landing page are those of the slides as they are now."""

import importlib.util
from pathlib import Path

import numpy as np
from PIL import Image

PICTURES = Path(__file__).parents[2] / "assets" / "pictures"


def test_the_landing_page_shows_the_slides_as_they_are(built, chromium, tmp_path):
    spec = importlib.util.spec_from_file_location("take", PICTURES / "take.py")
    take = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(take)
    take.take(tmp_path, chromium)
    for fresh in sorted(tmp_path.glob("*.jpg")):
        now, kept = (np.asarray(Image.open(path).convert("L").resize((96, 54)), float) for path in (fresh, PICTURES / fresh.name))
        assert np.abs(now - kept).mean() < 6, f"{fresh.name} shows an older slide; run: make pictures"
    assert len(list(tmp_path.glob("*.jpg"))) == 2
