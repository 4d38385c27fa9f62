// Lay the slides out on paper: small, each with its notes and with the addresses of its links.
kind => {
  const made = (tag, className, text) => Object.assign(document.createElement(tag), { className, textContent: text ?? "" });
  const paper = made("main", `paper ${kind}`);
  const sections = [...document.querySelectorAll(".slides > section:not([data-visibility=uncounted])")];
  sections.forEach((section, i) => {
    const sheet = made("article", "sheet"), frame = made("div", "reveal frame"), said = made("div", "said");
    const slide = section.querySelector(".slide").cloneNode(true);
    const notes = slide.querySelector("aside.notes");
    notes?.remove();
    slide.querySelectorAll("h1, h2").forEach(heading => heading.setAttribute("aria-hidden", "true"));
    slide.querySelectorAll(".fragment, .lit").forEach(part => part.classList.remove("fragment", "lit"));
    slide.querySelectorAll("img").forEach(image => (image.loading = "eager"));
    frame.append(slide);
    const { speakerName, timing } = section.dataset;
    said.append(made("h2", "", section.querySelector("h1, h2")?.textContent.trim()));
    if (speakerName) said.append(made("p", "who", `${i + 1} · ${speakerName} · ${+(timing / 60).toFixed(1)} min`));
    if (notes) said.append(...notes.cloneNode(true).childNodes);
    const links = [...new Set([slide, said].flatMap(part => [...part.querySelectorAll("a[href^=http]")].map(link => link.href)))];
    const list = made("ol", "links");
    for (const href of links) list.append(made("li", "", href));
    for (const link of said.querySelectorAll("a[href^=http]")) link.after(made("sup", "", links.indexOf(link.href) + 1));
    if (links.length) said.append(list);
    sheet.append(frame, said);
    paper.append(sheet);
  });
  const shown = document.documentElement;
  shown.dataset.theme = "light";
  shown.className = document.body.className = "";
  document.body.replaceChildren(paper);
}
