"""Formulas are MathML in the page, and one that cannot be read is a warning with its place."""


def test_a_formula_is_mathml_and_loads_nothing(project):
    project.change("talks/segments/beta.md", "- one point", "$$\n\\frac{1}{n}\n$$\n\n- one point $a^2$")
    assert project.build().status == 0
    page = project.html("talks/segments/beta")
    fraction, square = page.find_all("math")
    assert fraction["display"] == "block"
    assert [child.text for child in fraction.find("mfrac").children] == ["1", "n"]
    assert square.find("msup").text == "a2"
    assert [script for script in page.find_all("script", src=True) if "mathjax" in script["src"].lower()] == []


def test_a_formula_that_cannot_be_read_is_a_warning(project):
    project.change("talks/segments/beta.md", "- one point", "- one point $a^b^c$")
    result = project.build()
    assert result.status == 1
    assert "cannot read the formula" in result.err
    assert "beta.md" in result.err
