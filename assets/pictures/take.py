"""Take the pictures of slides that the landing page shows: ``make pictures``."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser

from roadshow.stage import browser

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / "_build" / "html" / "talks"
SLIDES = {"it-first": "what-dask-is-the-plan", "science-first": "a-seasonal-ensemble-"}


def take(folder: Path, chromium: Browser) -> None:
    """Write one JPEG of 960 by 540 pixels a deck: the first slide with a picture whose id begins as SLIDES says."""
    page = chromium.new_page(bypass_csp=True, viewport={"width": 1280, "height": 720}, device_scale_factor=0.75)
    for deck, slide in SLIDES.items():
        page.goto((BUILT / f"{deck}-slides.html").as_uri())
        name = page.locator(f"section[id^='{slide}']:has(img)").first.get_attribute("id")
        page.goto(f"{(BUILT / f'{deck}-slides.html').as_uri()}#/{name}")
        page.reload()
        page.wait_for_function("Reveal.isReady() && document.fonts.status === 'loaded'")
        page.screenshot(path=folder / f"{deck}.jpg", type="jpeg", quality=85)
    page.close()


if __name__ == "__main__":
    with browser.headless() as chromium:
        take(HERE, chromium)
