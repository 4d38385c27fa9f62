// What axe-core finds on the slide that is shown, in one theme; the contrast of colours, or all of its rules.
async ({ theme, all }) => {
  // reveal.js lays layers over its slides and lets clicks pass through them, and axe-core would then see no colours.
  const style = document.createElement("style");
  style.textContent = `.reveal .slides, .reveal .slides * { pointer-events: auto !important; }
    .reveal .slide::before, .reveal > :not(.slides), .reveal .pause-overlay { display: none !important; }`;
  const before = document.documentElement.dataset.theme, slide = Reveal.getCurrentSlide(), parent = slide.parentNode;
  const sections = [...parent.children];
  document.head.append(style);
  // axe-core reads the whole document each time: let it be this slide.
  parent.replaceChildren(slide);
  document.documentElement.dataset.theme = theme;
  const options = { preload: false, resultTypes: ["violations", "incomplete", "passes"] };
  if (!all) options.runOnly = ["color-contrast"];
  try {
    return await axe.run({ include: slide, exclude: "svg" }, options);
  } finally {
    parent.replaceChildren(...sections);
    style.remove();
    document.documentElement.dataset.theme = before;
  }
}
