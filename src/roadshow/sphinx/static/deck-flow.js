// Which slides are in the flow. All of them stay in the document, with one index in every window; next and back pass over the rest:
// backup slides, slides of the brief depth, and, once the talk is cut short on a slide, those of the full depth that come after it.
const Roadshow = (() => {
  const slides = [...document.querySelectorAll(".slides > section")];
  const isCopy = /receiver/i.test(location.search), isPrint = /print-pdf/i.test(location.search);
  const words = JSON.parse(document.getElementById("words")?.textContent ?? "{}");
  let cut = Infinity, home = null, named = -1;

  // A text in the language of the site, with what is given in the place of {0}, {1} and so on.
  const _ = (text, ...given) => (words[text] ?? text).replace(/\{(\d)\}/g, (_, place) => given[place]);

  const isShort = index => index > cut;
  const isBackup = slide => slide.classList.contains("backup");
  function isInFlow(slide) {
    const index = slides.indexOf(slide), { depth, segment } = slide.dataset;
    if (isBackup(slide)) return false;
    if (depth === "full") return !isShort(index);
    // The segment under way ends as it began: its brief form would begin it again.
    if (depth === "brief") return isShort(index) && segment !== slides[cut].dataset.segment;
    return true;
  }
  const flow = () => slides.filter(isInFlow);
  const seconds = slide => Number((isShort(slides.indexOf(slide)) ? slide.dataset.briefTiming : slide.dataset.timing) ?? 0);
  const total = list => list.reduce((sum, slide) => sum + seconds(slide), 0);

  // Some browsers keep nothing for a file, or for anybody: then a reload forgets.
  function keep(storage, name, value) {
    try { window[storage].setItem(`roadshow-${name}`, JSON.stringify(value)); } catch { /* as above */ }
  }
  function kept(storage, name) {
    try { return JSON.parse(window[storage].getItem(`roadshow-${name}`)); } catch { return null; }
  }

  function setCut(index) {
    cut = index ?? Infinity;
    for (const slide of slides) {
      if (isInFlow(slide)) delete slide.dataset.visibility;
      else slide.dataset.visibility = "uncounted";
    }
    if (Reveal.isReady()) Reveal.sync();
  }

  const go = slide => Reveal.slide(slides.indexOf(slide), 0, undefined, "chosen");
  // Where the talk stands: an answer that is looked up is an excursion from there.
  const place = () => (isBackup(Reveal.getCurrentSlide()) ? home ?? slides[0] : Reveal.getCurrentSlide());

  // A step that would end outside the flow goes on to the next slide inside it; what was asked for by name is shown as it is.
  function beforeChange(event) {
    const from = Reveal.getIndices().h, to = event.indexh, isAskedFor = event.origin === "chosen" || to === named;
    named = -1;
    if (isAskedFor || from === undefined || !slides[to] || isInFlow(slides[to])) return;
    const step = to - from, isEnd = to === slides.length - 1;
    if (Math.abs(step) !== 1 && !isEnd) return;
    event.preventDefault();
    let index = to;
    while (slides[index] && !isInFlow(slides[index])) index += Math.abs(step) === 1 ? step : -1;
    if (slides[index]) go(slides[index]);
  }

  // A link, the address and the other window name a slide. Each of these is heard here before reveal.js hears it.
  const name = hash => (named = slides.findIndex(slide => `#/${slide.id}` === hash));
  addEventListener("hashchange", () => name(location.hash));
  document.addEventListener("click", ({ target }) => name(target.closest?.('a[href^="#/"]')?.getAttribute("href")), true);
  addEventListener("message", ({ data }) => {
    named = typeof data === "string" && data.includes('"method":"setState"') ? Number(JSON.parse(data).args[0].indexh) : -1;
  });

  Reveal.on("beforeslidechange", beforeChange);
  Reveal.on("slidechanged", ({ currentSlide, previousSlide }) => {
    if (previousSlide && isBackup(currentSlide) && !isBackup(previousSlide)) home = previousSlide;
  });
  if (isPrint) slides.filter(slide => !isInFlow(slide)).forEach(slide => slide.remove());

  return { slides, flow, isInFlow, isBackup, isCopy, isPrint, seconds, total, keep, kept, setCut, getCut: () => cut, go, place, _ };
})();
