// What is wrong with the slide that is shown, and what stands on it.
() => {
  const slide = Reveal.getCurrentSlide();
  const frame = slide.getBoundingClientRect();
  const faults = [];
  const fault = (kind, message) => faults.push({ kind, message });
  const name = element => `<${[element.localName, ...element.classList].join(".").slice(0, 60)}>`;
  const begin = text => `“${text.trim().replace(/\s+/g, " ").slice(0, 40)}”`;
  const isSpoken = element => element.closest("aside.notes");
  const isShown = element => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
  };
  const shown = [...slide.querySelectorAll("*")].filter(element => !isSpoken(element) && isShown(element));

  const outermost = [];
  for (const element of shown) {
    if (element.closest("math, svg svg, svg *, pre *") || outermost.some(outer => outer.contains(element))) continue;
    const box = element.getBoundingClientRect(), style = getComputedStyle(element), clips = ["auto", "scroll", "hidden", "clip"];
    const beyond = Math.max(frame.left - box.left, box.right - frame.right, frame.top - box.top, box.bottom - frame.bottom);
    const wider = element.scrollWidth - element.clientWidth, higher = element.scrollHeight - element.clientHeight;
    if (beyond > 1) fault("overflow", `${name(element)} reaches ${Math.round(beyond)} px out of the slide`);
    else if (clips.includes(style.overflowX) && !element.matches("pre") && style.textOverflow !== "ellipsis" && element.clientWidth > 1 && wider > 1)
      fault("overflow", `${name(element)} is ${wider} px wider than its place`);
    else if (clips.includes(style.overflowY) && element.clientHeight > 1 && higher > 1)
      fault("overflow", `${name(element)} is ${higher} px higher than its place`);
    else continue;
    outermost.push(element);
  }
  const blocks = [...slide.querySelectorAll("h1, h2, .content > div > *")].filter(block => !isSpoken(block) && isShown(block));
  blocks.slice(1).forEach((block, i) => {
    if (block.getBoundingClientRect().top < blocks[i].getBoundingClientRect().bottom - 1 && !blocks[i].contains(block))
      fault("overflow", `${name(block)} lies over what stands before it`);
  });

  const number = document.querySelector(".reveal .slide-number")?.getBoundingClientRect();
  const meets = box => number && box.right > number.left && box.bottom > number.top + 2 && box.left < number.right;
  const under = [...shown].reverse().find(element => element.matches("p, li, td, th, pre, img") && meets(element.getBoundingClientRect()));
  if (under) fault("overflow", `${name(under)} runs into the slide number`);

  const small = new Map();
  const texts = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || isSpoken(element) || element.closest("math, svg, style, script") || !isShown(element)) continue;
    const size = parseFloat(getComputedStyle(element).fontSize) * (element.currentCSSZoom ?? 1);
    if (size < 23.95 && !small.has(size)) small.set(size, texts.currentNode.data);
  }
  for (const [size, text] of small) fault("small-text", `${size.toFixed(0)} px: ${begin(text)}; at least 24`);

  for (const code of shown.filter(element => element.matches("pre"))) {
    const lines = code.textContent.trimEnd().split("\n").length;
    if (lines > 14) fault("long-code", `${lines} lines: ${begin(code.textContent)}; at most 14`);
    const box = code.getBoundingClientRect(), inside = document.createRange();
    inside.selectNodeContents(code);
    if (inside.getBoundingClientRect().right > box.right + 1) fault("wide-code", `${begin(code.textContent)} is wider than its block`);
  }

  for (const image of slide.querySelectorAll("img")) {
    if (isSpoken(image)) continue;
    const box = image.getBoundingClientRect();
    const file = image.src.startsWith("data:") ? "a picture" : image.src.split("/").pop();
    if (!image.complete || !image.naturalWidth) fault("picture", `${file} does not load`);
    else {
      const fit = getComputedStyle(image).objectFit === "contain" ? Math.min(box.width / image.naturalWidth, box.height / image.naturalHeight) : box.width / image.naturalWidth;
      if (fit * 1.5 > 1.005 && !/svg/.test(image.src.slice(0, 30) + file)) fault("picture-pixels", `${file} has ${image.naturalWidth} px for the ${Math.round(fit * image.naturalWidth * 1.5)} of a 1080p projector`);
      if (box.width < 260 || box.height < 160) fault("picture", `${file} is ${Math.round(box.width)} by ${Math.round(box.height)} px: too small to read`);
    }
    if (!image.alt.trim()) fault("alternative-text", `${file} has none`);
  }

  const isRun = element => element.closest(".cell, pre, .highlight");
  const prose = [], tabled = [], sources = [];
  const own = document.createTreeWalker(slide, NodeFilter.SHOW_TEXT);
  while (own.nextNode()) {
    const element = own.currentNode.parentElement;
    if (!isSpoken(element) && !isRun(element) && !element.closest("header, style, script") && isShown(element)) (element.closest(".claims") ? sources : element.closest("table") ? tabled : prose).push(own.currentNode.data);
  }
  const withoutCode = element => [...element.childNodes].filter(node => node.localName !== "code").map(node => node.textContent).join(" ");
  const count = text => (text.match(/[\p{L}\p{N}][\p{L}\p{N}’'.,-]*/gu) ?? []).length;
  const words = count(prose.join(" ")), inTables = count(tabled.join(" ")), atFoot = count(sources.join(" "));
  const spoken = slide.querySelector("aside.notes")?.cloneNode(true);
  spoken?.querySelectorAll(".counter-evidence, .hand-over").forEach(part => part.remove());
  const notes = spoken?.textContent.trim() ?? "";
  const isTold = slide.dataset.segment !== undefined;
  if (isTold) {
    if (words > 40) fault("words", `${words} words; at most 40`);
    if (inTables > 90) fault("words", `${inTables} words in tables; at most 90`);
    if (atFoot > 40) fault("words", `${atFoot} words of sources at the foot; at most 40`);
    if (!notes) fault("no-notes", "the speaker has nothing to say here");
    const seconds = slide.dataset.depth === "brief" ? Number(slide.dataset.briefTiming) : slide.dataset.timing - (slide.dataset.work ?? 0);
    const room = Math.round(seconds / 60 * 130);
    if (count(notes) > room) fault("long-notes", `${count(notes)} words to say in ${seconds} s; there is time for ${room}`);
    const states = [...slide.querySelectorAll("p, li, td, h2")].find(element => isShown(element) && !isSpoken(element) && !isRun(element) && !element.closest("header") && /(?<![\p{L}\d.])(?!(18|19|20)\d\ds?\b)\d/u.test(withoutCode(element)));
    if (states && !slide.querySelector(".cell, a[href^=http]")) fault("no-source", `${begin(states.textContent)} states a figure: compute it in a cell or link to its source`);
  }
  const links = [...slide.querySelectorAll("a[href]")].filter(link => !isSpoken(link)).map(link => link.getAttribute("href"));
  for (const link of links)
    if (link.startsWith("#") && !document.getElementById(decodeURIComponent(link.replace(/^#\/?/, "")))) fault("dead-link", `${link} is nowhere in the deck`);
  return { faults, words, notes: count(notes), links: links.filter(link => !/^(#|[a-z]+:)/.test(link)) };
}
