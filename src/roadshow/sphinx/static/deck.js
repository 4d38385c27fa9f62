// Start reveal.js. Slides are 1280 by 720; the speaker view paces the talk by the minutes that the segments declare.
Reveal.initialize({
  width: 1280,
  height: 720,
  margin: 0,
  minScale: 0.2,
  maxScale: 3,
  center: false,
  controls: matchMedia("(pointer: coarse)").matches,
  hash: true,
  slideNumber: "c/t",
  transition: "none",
  pdfSeparateFragments: false,
  totalTime: Number(document.currentScript.dataset.totalSeconds),
  plugins: [RevealNotes, RevealSearch, RevealZoom],
});
