// Start reveal.js with the keys that a presenter needs. Slides are 1280 by 720.
(() => {
  const { isCopy, isPrint, keep, kept, _ } = Roadshow, html = document.documentElement;
  const status = Object.assign(document.createElement("div"), { className: "status", role: "status" });
  let quiet;

  function say(text) {
    status.textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => (status.textContent = ""), 5000);
  }

  function switchTheme() {
    html.dataset.theme = html.dataset.theme === "dark" ? "light" : "dark";
    keep("localStorage", "theme", html.dataset.theme);
  }

  function comeBack() {
    if (Roadshow.isBackup(Reveal.getCurrentSlide())) Roadshow.go(Roadshow.place());
  }

  function shorten() {
    const before = Roadshow.flow(), seconds = Roadshow.total(before), isOn = Roadshow.getCut() < Infinity;
    Roadshow.setCut(isOn ? null : Roadshow.slides.indexOf(Roadshow.place()));
    keep("sessionStorage", `cut:${location.pathname}`, isOn ? null : Roadshow.getCut());
    const dropped = before.length - Roadshow.flow().length, minutes = Math.round((seconds - Roadshow.total(Roadshow.flow())) / 60);
    say(isOn ? _("Full version") : _("Short version: {0} slides and {1} minutes fewer", dropped, minutes));
  }

  function enlarge() {
    const slide = Reveal.getCurrentSlide();
    if (shrink(slide)) return;
    const part = ["img", "pre"].flatMap(kind => [...slide.querySelectorAll(`.content ${kind}`)]).find(part => part.checkVisibility());
    if (!part) return;
    part.classList.add("enlarged");
    if (!part.matches("img")) part.style.fontSize = `${fitting(part)}px`;
  }

  // The size in px at which a text fills the slide, less its margins.
  function fitting(part) {
    const text = document.createRange(), scale = Reveal.getScale();
    text.selectNodeContents(part);
    const { width, height } = text.getBoundingClientRect();
    return Math.min(60, Math.floor(parseFloat(getComputedStyle(part).fontSize) * scale * Math.min(1180 / width, 650 / height)));
  }

  function shrink(slide) {
    const large = slide?.querySelector(".enlarged");
    large?.classList.remove("enlarged");
    large?.style.removeProperty("font-size");
    return large;
  }

  // The lines of each step are lit; a fragment for each step but the first moves on.
  function prepareSteps(slide) {
    const code = [...slide.querySelectorAll("pre")].find(part => !part.closest(".cell_output"));
    if (!code) return;
    code.innerHTML = code.innerHTML.trimEnd().split("\n").map(line => `<span class="line">${line}</span>`).join("\n");
    slide.dataset.steps.split("|").slice(1).forEach((lines, i) => {
      const step = Object.assign(document.createElement("span"), { className: "fragment code-step" });
      step.dataset.fragmentIndex = i;
      code.append(step);
    });
  }

  function light() {
    for (const slide of document.querySelectorAll("[data-steps]")) {
      const step = slide.querySelectorAll(".code-step.visible").length, steps = slide.dataset.steps.split("|");
      const lit = steps[Math.min(step, steps.length - 1)].split(",").map(part => part.split("-").map(Number));
      slide.querySelectorAll("pre .line").forEach((line, i) =>
        line.classList.toggle("lit", lit.some(([first, end = first]) => first <= i + 1 && i + 1 <= end)));
    }
  }

  const keys = [
    { keyCode: 85, key: "U , Backspace", description: _("Back from a backup slide"), act: comeBack },
    { keyCode: 8, act: comeBack },
    { keyCode: 88, key: "X", description: _("Skip to the short version, and back"), act: shorten },
    { keyCode: 68, key: "D", description: _("Dark or light"), act: switchTheme },
    { keyCode: 90, key: "Z", description: _("Enlarge the picture or the code"), act: enlarge },
  ];

  function press(key, page) {
    if (key === "/") Roadshow.find(page);
    else keys.find(({ keyCode }) => keyCode === (key === "Backspace" ? 8 : key.toUpperCase().charCodeAt(0)))?.act();
  }

  // Keys outside reveal.js: the slash, which it would take with the question mark and which other keyboards have elsewhere,
  // and all of ours in the speaker's window, where it knows its own only.
  Roadshow.onKey = (event, page) => {
    const isOurs = event.key === "/" || (page !== document && /^([uxdz]|Backspace)$/i.test(event.key));
    if (!isOurs || event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("input, select, textarea")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isCopy) window.top.opener?.postMessage(JSON.stringify({ roadshow: { key: event.key } }), "*");
    else press(event.key, page);
  };

  async function stayAwake() {
    try { await navigator.wakeLock?.request("screen"); } catch { /* not allowed: the screen saver is the speaker's to turn off */ }
  }

  function present() {
    for (const { act, ...binding } of keys) Reveal.addKeyBinding(binding, act);
    Reveal.registerKeyboardShortcut("/", _("Find a segment, a slide or an answer"));
    document.addEventListener("keydown", event => Roadshow.onKey(event, document), true);
    document.body.append(status);
    Roadshow.clock.watch();
    stayAwake();
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && stayAwake());
    if (/[?&]speaker/.test(location.search)) Reveal.getPlugin("notes").open();
  }

  // The copies in the speaker view are told what the room sees, and hand on the keys that they are given.
  function follow({ data }) {
    if (typeof data !== "string" || !data.startsWith('{"roadshow"')) return;
    const { key, cut, theme } = JSON.parse(data).roadshow;
    if (key) return press(key, Roadshow.clock.getView()?.document);
    html.dataset.theme = theme;
    if ((cut ?? Infinity) !== Roadshow.getCut()) Roadshow.setCut(cut);
  }

  html.dataset.theme = kept("localStorage", "theme") === "dark" && !isPrint ? "dark" : "light";
  if (!isPrint) document.querySelectorAll("[data-steps]").forEach(prepareSteps);
  if (!isPrint) Roadshow.setCut(isCopy ? null : kept("sessionStorage", `cut:${location.pathname}`));
  for (const event of ["ready", "slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(event, light);
  Reveal.on("slidechanged", ({ previousSlide }) => shrink(previousSlide));
  addEventListener("message", follow);
  if (isCopy) document.addEventListener("keydown", event => Roadshow.onKey(event), true);
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
    plugins: [RevealNotes, RevealZoom],
  }).then(() => !isCopy && !isPrint && present());
})();
