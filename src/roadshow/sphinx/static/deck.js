// Start reveal.js with the keys that a presenter needs. Slides are 1280 by 720.
(() => {
  const isCopy = /receiver/i.test(location.search), html = document.documentElement;
  const status = Object.assign(document.createElement("div"), { className: "status", role: "status" });
  let back = null, quiet;

  function say(text) {
    status.textContent = text;
    clearTimeout(quiet);
    quiet = setTimeout(() => (status.textContent = ""), 5000);
  }

  function setTheme(theme) {
    html.dataset.theme = theme;
    try { localStorage.setItem("roadshow-theme", theme); } catch { /* a browser that keeps nothing */ }
  }

  // A backup slide is an excursion: where one was is where one comes back to.
  Roadshow.leaveFor = slide => {
    if (!Roadshow.isBackup(Reveal.getCurrentSlide())) back = Reveal.getCurrentSlide();
    Roadshow.go(slide);
  };

  function comeBack() {
    if (back && Roadshow.isBackup(Reveal.getCurrentSlide())) Roadshow.go(back);
  }

  function shorten() {
    const before = Roadshow.flow(), seconds = Roadshow.total(before);
    const isOn = Roadshow.getCut() < Infinity;
    Roadshow.setCut(isOn ? null : Reveal.getIndices().h);
    const dropped = before.length - Roadshow.flow().length, minutes = Math.round((seconds - Roadshow.total(Roadshow.flow())) / 60);
    say(isOn ? "Full version" : `Short version: ${dropped} slides and ${minutes} minutes fewer`);
  }

  function enlarge() {
    const slide = Reveal.getCurrentSlide(), large = slide.querySelector(".enlarged");
    if (large) return large.classList.remove("enlarged");
    [...slide.querySelectorAll(".content img, .content pre, .content table")].find(part => part.checkVisibility())?.classList.add("enlarged");
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
    [85, "U", "Back from a backup slide", comeBack],
    [88, "X", "Skip to the short version, and back", shorten],
    [68, "D", "Dark or light", () => setTheme(html.dataset.theme === "dark" ? "light" : "dark")],
    [90, "Z", "Enlarge the picture or the code", enlarge],
  ];

  async function stayAwake() {
    try { await navigator.wakeLock?.request("screen"); } catch { /* not allowed: the screen saver is the speaker's to turn off */ }
  }

  function present() {
    for (const [keyCode, key, description, act] of keys) Reveal.addKeyBinding({ keyCode, key, description }, act);
    // Not as a key of reveal.js: that would take the question mark with it, and on many keyboards the slash lies elsewhere.
    Reveal.registerKeyboardShortcut("/", "Find a segment, a slide or an answer");
    document.addEventListener("keydown", event => {
      if (event.key !== "/" || document.activeElement.matches("input")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      Roadshow.find();
    }, true);
    document.body.append(status);
    Roadshow.clock.watch();
    stayAwake();
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && stayAwake());
    if (/[?&]speaker/.test(location.search)) Reveal.getPlugin("notes").open();
  }

  // The copies in the speaker view are told what the room sees.
  function follow({ data }) {
    if (typeof data !== "string" || !data.startsWith('{"roadshow"')) return;
    const { cut, theme } = JSON.parse(data).roadshow;
    html.dataset.theme = theme;
    if ((cut ?? Infinity) !== Roadshow.getCut()) Roadshow.setCut(cut);
  }

  try { html.dataset.theme = localStorage.getItem("roadshow-theme") ?? "light"; } catch { /* as above */ }
  document.querySelectorAll("[data-steps]").forEach(prepareSteps);
  Roadshow.setCut(null);
  Reveal.on("beforeslidechange", Roadshow.beforeChange);
  for (const event of ["ready", "slidechanged", "fragmentshown", "fragmenthidden"]) Reveal.on(event, light);
  Reveal.on("slidechanged", ({ previousSlide }) => previousSlide?.querySelector(".enlarged")?.classList.remove("enlarged"));
  if (isCopy) window.addEventListener("message", follow);
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
    defaultTiming: 1,
    plugins: [RevealNotes, RevealZoom],
  }).then(() => !isCopy && !/print-pdf/i.test(location.search) && present());
})();
