// Which slides are in the flow. All of them stay in the document, with one index in every window; next and back pass over the rest:
// backup slides, slides of the brief depth, and, once the talk is cut short on a slide, those of the full depth that come after it.
const Roadshow = (() => {
  const slides = [...document.querySelectorAll(".slides > section")];
  let cut = Infinity;

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

  function setCut(index) {
    cut = index ?? Infinity;
    for (const slide of slides) {
      if (isInFlow(slide)) delete slide.dataset.visibility;
      else slide.dataset.visibility = "uncounted";
    }
    if (Reveal.isReady()) Reveal.sync();
  }

  const go = slide => Reveal.slide(slides.indexOf(slide), 0, undefined, "chosen");
  const isAskedFor = slide => decodeURIComponent(location.hash.slice(2)).split("/")[0] === slide.id;

  // A step that would end outside the flow goes on to the next slide inside it; what was chosen by name is shown as it is.
  function beforeChange(event) {
    const from = Reveal.getIndices().h, to = event.indexh;
    if (event.origin === "chosen" || Math.abs(to - from) !== 1 || isInFlow(slides[to]) || isAskedFor(slides[to])) return;
    event.preventDefault();
    const step = to - from;
    for (let index = to; slides[index]; index += step)
      if (isInFlow(slides[index])) return go(slides[index]);
  }

  if (/print-pdf/i.test(location.search)) flowOnly();
  function flowOnly() {
    for (const slide of slides.filter(slide => !isInFlow(slide))) slide.remove();
  }

  return { slides, flow, isInFlow, isBackup, seconds, total, setCut, getCut: () => cut, go, beforeChange };
})();
