// The clock of the talk, and a panel in reveal.js's speaker view: time by segment and by speaker, the hand-over, who has to be ready.
Roadshow.clock = (() => {
  const KEY = `clock:${location.pathname}`, { _ } = Roadshow;
  let spent = Roadshow.kept("sessionStorage", KEY) ?? {}, last = null, view = null, panel = null;

  const current = () => Reveal.getCurrentSlide();
  const spentOn = list => list.reduce((sum, slide) => sum + (spent[slide.id] ?? 0), 0);
  const elapsed = () => Object.values(spent).reduce((sum, value) => sum + value, 0);

  // The talk begins when the title slide is left, and a black screen does not stop it.
  function tick(now = Date.now(), slide = current()) {
    const begun = elapsed() > 0 || slide !== Roadshow.slides[0];
    if (last !== null && begun) spent[slide.id] = (spent[slide.id] ?? 0) + Math.max(0, now - last) / 1000;
    last = now;
    Roadshow.keep("sessionStorage", KEY, spent);
  }

  function reset() {
    spent = {};
    last = Date.now();
  }

  function told() {
    const slide = Roadshow.place(), flow = Roadshow.flow(), index = Roadshow.slides.indexOf(slide);
    const isAhead = other => Roadshow.slides.indexOf(other) > index;
    const before = flow.filter(other => other !== slide && !isAhead(other)), after = flow.filter(isAhead);
    const { segment, speaker, speakerName, segmentTitle } = slide.dataset;
    const planned = Roadshow.total(before) + Math.min(spent[slide.id] ?? 0, Roadshow.seconds(slide));
    const part = name => flow.filter(other => other.dataset[name] === slide.dataset[name]);
    const next = after.find(other => other.dataset.speaker);
    const other = after.find(later => later.dataset.speaker && later.dataset.speaker !== speaker);
    const left = Math.max(0, Roadshow.seconds(slide) - (spent[slide.id] ?? 0));
    return {
      segment: segment && { name: segmentTitle, spent: spentOn(part("segment")), total: Roadshow.total(part("segment")) },
      speaker: speaker && { name: speakerName, spent: spentOn(part("speaker")), total: Roadshow.total(part("speaker")) },
      talk: { spent: elapsed(), total: Roadshow.total(flow), slot: 60 * Number(document.querySelector(".reveal").dataset.slot), behind: elapsed() - planned },
      handOver: speaker && next && next.dataset.speaker !== speaker ? next.dataset : null,
      other: other && { ...other.dataset, wait: left + Roadshow.total(after.slice(0, after.indexOf(other))) },
    };
  }

  const time = value => `${value < 0 ? "−" : ""}${Math.floor(Math.abs(value) / 60)}:${String(Math.floor(Math.abs(value) % 60)).padStart(2, "0")}`;
  const row = (name, { spent, total }) => [name, _("{0} of {1}", time(spent), time(total)), _("{0} left", time(total - spent))];
  const pace = seconds => (Math.abs(seconds) < 30 ? _("on time") : seconds > 0 ? _("{0} behind", time(seconds)) : _("{0} ahead", time(-seconds)));

  function rows({ segment, speaker, talk }) {
    const both = [segment && row(segment.name, segment), speaker && row(speaker.name, speaker)];
    return [...both.filter(Boolean), row(_("The talk: {0}", pace(talk.behind)), { ...talk, total: talk.slot || talk.total })];
  }

  function draw() {
    const facts = told(), make = (tag, text) => Object.assign(view.document.createElement(tag), { textContent: text });
    const table = make("table", "");
    for (const cells of rows(facts)) table.insertRow().append(...cells.map((cell, i) => make(i ? "td" : "th", cell)));
    const lines = [];
    if (facts.handOver) lines.push(make("strong", _("Hand over to {0}: {1}", facts.handOver.speakerName, facts.handOver.segmentTitle)));
    else if (facts.other) lines.push(make("p", _("{0}: in {1}, {2}", facts.other.speakerName, time(facts.other.wait), facts.other.segmentTitle)));
    if (Roadshow.getCut() < Infinity) lines.push(make("p", _("Short version")));
    panel.replaceChildren(table, ...lines);
  }

  function place() {
    const time = view.document.querySelector(".speaker-controls-time");
    if (!time || panel?.isConnected) return Boolean(time);
    panel = Object.assign(view.document.createElement("div"), { className: "roadshow-panel" });
    const style = view.document.createElement("style");
    style.textContent = `.roadshow-panel { padding: 10px 16px 12px; font: 17px/1.35 system-ui, sans-serif; border-bottom: 1px solid #8886; }
      .roadshow-panel table { border-collapse: collapse; width: 100%; } .roadshow-panel :is(th, td) { text-align: left; padding: 1px 8px 1px 0; font-weight: 400; }
      .roadshow-panel td { white-space: nowrap; font-variant-numeric: tabular-nums; } .roadshow-panel p { margin: 6px 0 0; }
      .roadshow-panel strong { display: block; margin-top: 8px; padding: 6px 10px; background: #a8410f; color: #fff; }`;
    view.document.head.append(style);
    time.after(panel);
    time.addEventListener("click", reset);
    view.document.addEventListener("keydown", event => Roadshow.onKey(event, view.document), true);
    return true;
  }

  function share() {
    const message = JSON.stringify({ roadshow: { cut: Roadshow.getCut() < Infinity ? Roadshow.getCut() : null, theme: document.documentElement.dataset.theme } });
    view.document.querySelectorAll("iframe").forEach(frame => frame.contentWindow?.postMessage(message, "*"));
  }

  function update() {
    tick();
    if (!view || view.closed || !place()) return;
    draw();
    share();
  }

  // The notes plugin keeps its window to itself: look at it as it opens.
  function watch() {
    const open = window.open;
    window.open = (...given) => {
      const opened = open.apply(window, given);
      if (given[1] === "reveal.js - Notes") view = opened;
      return opened;
    };
    setInterval(update, 500);
    Reveal.on("slidechanged", ({ previousSlide }) => {
      tick(Date.now(), previousSlide ?? current());
      update();
    });
  }

  return { watch, told, tick, getView: () => view };
})();
