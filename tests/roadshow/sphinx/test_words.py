"""A site in another language: its words, a broken catalogue, and anchors of headings that are translated."""

import pytest
from sphinx import locale


@pytest.fixture
def translated(project):
    """The small project in French: a heading of a segment, and a word of the slides; one more is only guessed."""
    with (project.root / "conf.py").open("a", encoding="utf-8") as file:
        file.write('language = "fr"\nlocale_dirs = ["locales"]\ngettext_compact = False\nmyst_heading_anchors = 3\n')
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
    page = 'msgid "A claim"\nmsgstr "Une affirmation"\n\nmsgid "Beta"\nmsgstr "Bêta"\n'
    own = 'msgid "Segment"\nmsgstr "Partie"\n\n#, fuzzy\nmsgid "Depth"\nmsgstr "Profondeur"\n'
    own += '\nmsgid "Questions"\nmsgstr "Des questions ?"\n'
    project.write("locales/fr/LC_MESSAGES/talks/segments/beta.po", head + page)
    project.write("locales/fr/LC_MESSAGES/roadshow.po", head + own)
    project.change("talks/segments/alpha.md", "and [the next](#the-run)", "[a claim](beta.md#a-claim) and [the next](#the-run)")
    yield project
    # Sphinx keeps the translations of one build for the next in the same process.
    locale.translators.clear()


def test_words_are_in_the_language_of_the_site_and_what_is_guessed_is_not(translated):
    result = translated.build()
    assert (result.status, result.err) == (0, "")
    heads = [head.get_text(strip=True) for head in translated.html("talks/one").select("table.running-order th")]
    assert heads[:2] == ["Partie", "Depth"]
    slides = translated.html("talks/one-slides")
    assert slides.select_one("#end h2").text == "Des questions ?"
    assert slides.html["lang"] == "fr"
    assert "Une affirmation" in [title.text for title in slides.select("h2")]


TABLE = """
```{code-cell} python
from IPython.display import HTML
HTML('<table class="dataframe"><thead><tr><th>years &amp; months</th> <th>K</th></tr></thead>'
     '<tbody><tr><td>12 of 1,234.5 m</td> <td><strong>all of them</strong></td></tr>'
     '<tr><td>10,000</td> <td>2,000 lost</td></tr></tbody></table>')
```
"""


def test_the_table_of_a_cell_has_its_words_in_the_language_of_the_site_and_its_own_numbers(translated):
    translated.change("talks/segments/alpha.md", "## The run", TABLE + "\n## The run")
    own = 'msgid "years & months"\nmsgstr "années et <mois>"\n\nmsgid "{} of {} m"\nmsgstr "{} m sur {}"\n'
    translated.write(
        "locales/fr/LC_MESSAGES/outputs.po", f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n{own}'
    )
    assert translated.build().status == 0
    table = translated.html("talks/segments/alpha").select_one("table.dataframe")
    said = [cell.text for cell in table.select("th, td")]
    assert said == ["années et <mois>", "K", "12 m sur 1\xa0234.5", "all of them", "10\xa0000", "2,000 lost"]


def test_a_line_that_is_printed_is_in_the_language_of_the_site_and_what_has_no_translation_stays(translated):
    printed = 'print("the same bits: True\\n  killed with 45 of 1,060 left\\n\\n3,000 K")'
    translated.change("talks/segments/alpha.md", "## The run", f"```{{code-cell}} python\n{printed}\n```\n\n## The run")
    own = 'msgid "the same bits: True"\nmsgstr "les mêmes bits : True"\n'
    translated.write(
        "locales/fr/LC_MESSAGES/outputs.po", f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\n{own}'
    )
    assert translated.build().status == 0
    for page in ("talks/segments/alpha", "talks/one-slides"):
        said = [stream.text for stream in translated.html(page).select("div.stream pre")]
        assert "les mêmes bits : True\n  killed with 45 of 1,060 left\n\n3\xa0000 K\n" in said, page


def test_an_anchor_of_a_heading_holds_in_its_translation(translated):
    translated.build()
    link = translated.html("talks/segments/alpha").find("a", string="a claim")
    target = link["href"].split("#")[1]
    assert translated.html("talks/segments/beta").find(id=target).h2.get_text().startswith("Une affirmation")


def test_a_catalogue_that_changes_is_read_again(translated):
    translated.build()
    translated.change("locales/fr/LC_MESSAGES/roadshow.po", "Partie", "Morceau")
    assert translated.build().status == 0
    assert "Morceau" in translated.html("talks/one").select_one("table.running-order").text


def test_a_broken_catalogue_is_named_with_its_line(translated):
    translated.change("locales/fr/LC_MESSAGES/roadshow.po", 'msgstr "Partie"', 'msgst "Partie"')
    result = translated.build()
    assert result.status == 1
    assert "roadshow.po:6: " in result.err
    assert result.err.rstrip().endswith("mend the line")
    assert "Traceback" not in result.err
