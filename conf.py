"""Values only: what this site is, and which visit it is built for."""

import os

project = "The Visit Playbook"
author = "The Visit Playbook contributors"
copyright = "2026, The Visit Playbook contributors"
language = os.environ.get("SITE_LANGUAGE", "en_GB")
locale_dirs = ["locales"]
gettext_compact = False
gettext_location = False

extensions = ["roadshow.sphinx", "sphinx_design", "sphinx_copybutton"]
exclude_patterns = ["_build", ".*", "[A-Z]*.md", "**/README.md", "benchmarks", "examples", "tests"]

roadshow_deck_css = ["theme.css"]
roadshow_tools = ["Xarray", "Dask", "Zarr", "Iris", "PyTroll"]
roadshow_names = ["2i2c", "Niño 3.4", "Niño 1+2", "of 360 days", "360-day"]
roadshow_visit = os.environ.get("VISIT", "visits/neutral.toml")
roadshow_preload = [
    "matplotlib.pyplot",
    "xarray",
    "dask.array",
    "distributed",
    "cartopy.feature",
    "iris",
    "netCDF4",
    "zarr",
    "ncdata.iris_xarray",
    # Xarray imports each reader that is installed when it opens the first file.
    "kerchunk.xarray_backend",
    "metpy.io.gini",
]
roadshow_trusted = os.environ.get("TRUST") == "1"
roadshow_card_fonts = ["assets/fonts/atkinson-hyperlegible-next-700.ttf", "assets/fonts/atkinson-hyperlegible-next-400.ttf"]
roadshow_moved = {"talks/segments/one-pass-over-a-file": "talks/segments/what-closed-the-gap"}
roadshow_public = bool(os.environ.get("PUBLIC"))

myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "tasklist"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_timeout = 360
nb_output_stderr = "warn"
nb_merge_streams = True
nb_mime_priority_overrides = [("gettext", "image/png", 0)]  # what is said for those who do not see a figure is translated, too

html_theme = "sphinx_book_theme"
html_title = project
html_baseurl = os.environ.get("SITE_URL", os.environ.get("READTHEDOCS_CANONICAL_URL", ""))
html_math_renderer = "mathml"
html_static_path = ["assets"]
html_css_files = ["theme.css", "site.css"]
html_favicon = "assets/favicon.svg"
html_copy_source = False
html_use_index = False
html_context = {"default_mode": "auto", "languages": dict(pair.split("=") for pair in os.environ.get("LANGUAGES", "").split())}
repository = os.environ.get("REPOSITORY_URL", "").removesuffix("/")
html_theme_options = {
    "article_header_end": ["roadshow/languages.html", "article-header-buttons.html"],
    "repository_url": repository,
    "use_repository_button": bool(repository),
    "use_edit_page_button": bool(repository),
    "use_issues_button": bool(repository),
    "home_page_in_toc": True,
    "navigation_with_keys": False,
    "show_navbar_depth": 1,
    "use_download_button": False,
    "use_fullscreen_button": False,
}
