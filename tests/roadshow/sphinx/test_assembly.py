"""The slides of a deck: which there are at each depth, what is on them, and where their links lead."""

SLIDES = ".slides > section"


def test_a_deck_is_its_segments_slides_between_a_first_and_a_last(project):
    assert project.build().status == 0
    slides = project.html("talks/one-slides").select(SLIDES)
    alpha = ["alpha-the-square-x-2", "alpha-the-run", "alpha-in-short"]
    assert [slide["id"] for slide in slides] == ["title", *alpha, "beta-a-claim", "end"]
    assert slides[0].h1.text == "Deck one"
    assert "Your institution" in slides[0].text


def test_the_brief_depth_has_its_own_slides_and_minutes(project):
    project.change("talks/one.md", "alpha full", "alpha brief")
    assert project.build().status == 0
    slides = project.html("talks/one-slides").select(SLIDES)
    assert [slide["id"] for slide in slides] == ["title", "alpha-the-square-x-2", "alpha-in-short", "beta-a-claim", "end"]
    assert [slide.get("data-timing") for slide in slides[1:-1]] == ["60", "60", "60"]


def test_a_slide_has_speaker_layout_notes_and_a_cells_output_but_nothing_for_readers(project):
    project.build()
    first, second = project.html("talks/one-slides").select(SLIDES)[1:3]
    assert {"layout-split", "speaker-maintainer"} <= set(first.select_one(".slide")["class"])
    assert first.select_one("aside.notes strong").text == "aloud"
    assert "41 some data" in first.select_one(".cell_output").text
    assert first.h2.find("math") is not None
    assert "Only for readers." not in first.text
    assert second.select_one(".cell_input") is None
    assert second.select_one(".cell_output").text.strip() == "<b>ran</b>"


def test_links_lead_to_the_slides_of_the_deck(project):
    project.build()
    slides = project.html("talks/one-slides")
    links = {link.text: link["href"] for link in slides.select(f"{SLIDES} a")}
    assert links["the other"] == "#/beta-a-claim"
    assert links["the next"] == "#/alpha-the-run"
    assert links["the first"] == "#/alpha-the-square-x-2"
    assert all(slides.find(id=link.removeprefix("#/")) for link in links.values() if link.startswith("#/"))
    assert links["the page behind the slides"] == "one.html"


def test_a_link_out_of_the_deck_leads_to_the_site(project):
    project.write("talks/two.md", "# Two\n\n```{deck}\n:slot: 5\nbeta full scientist\n```\n")
    project.build()
    links = {link.text: link["href"] for link in project.html("talks/two-slides").select(f"{SLIDES} a")}
    assert links["the first"] == "segments/alpha.html"


def test_ids_are_unique(project):
    project.build()
    for page in ("talks/one-slides", "talks/segments/alpha"):
        ids = [element["id"] for element in project.html(page).find_all(id=True)]
        assert len(ids) == len(set(ids))


def test_the_page_of_a_segment_shows_notes_and_readers_text(project):
    project.build()
    page = project.html("talks/segments/alpha")
    assert page.select_one("aside.notes strong").text == "aloud"
    assert "Only for readers." in page.text
    assert page.select_one("details .cell_input") is not None


def test_the_page_of_a_deck_has_its_running_order(project):
    project.build()
    page = project.html("talks/one")
    rows = [[cell.text.strip() for cell in row.find_all("td")] for row in page.select("table.running-order tbody tr")]
    assert rows == [
        ["Alpha", "full", "The maintainer", "5"],
        ["Beta", "brief", "The scientist", "1"],
        ["Spoken", "", "", "6"],
        ["Left for questions", "", "", "4"],
    ]
    links = [link["href"] for link in page.select("table.running-order a")]
    assert links == ["segments/alpha.html", "segments/beta.html"]
    assert page.select_one("a.open-slides")["href"] == "one-slides.html"


def test_what_a_visit_says_is_escaped(project):
    project.change("visits/neutral.toml", '"Your institution"', '"<script>x</script> & O\'Neill {{ 7*7 }}"')
    project.build()
    slide = project.html("talks/one-slides").select_one("#title")
    assert slide.script is None
    assert "<script>x</script> & O'Neill {{ 7*7 }}" in slide.text


def test_a_change_of_a_segment_rewrites_the_decks_that_use_it(project):
    project.write("talks/two.md", "# Two\n\n```{deck}\n:slot: 5\nbeta full scientist\n```\n")
    project.build()
    one, two = (project.root / f"_build/html/talks/{name}-slides.html" for name in ("one", "two"))
    before = one.stat().st_mtime_ns, two.stat().st_mtime_ns
    project.change("talks/segments/alpha.md", "Said **aloud**", "Said **softly**")
    assert project.build().status == 0
    assert one.stat().st_mtime_ns > before[0]
    assert two.stat().st_mtime_ns == before[1]
    assert project.html("talks/one-slides").select_one("aside.notes strong").text == "softly"
