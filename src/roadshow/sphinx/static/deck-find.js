// A palette to find a segment, a slide or a backup slide by a few letters of its name.
Roadshow.find = (() => {
  const SHOWN = 8;
  let dialog, input, list, hits = [], chosen = 0;

  function entries() {
    const seen = new Set();
    return Roadshow.slides.flatMap(slide => {
      const { segment, segmentTitle } = slide.dataset;
      const title = slide.querySelector("h1, h2")?.textContent.trim() ?? slide.id;
      const found = [{ slide, title, kind: Roadshow.isBackup(slide) ? slide.querySelector(".segment").textContent : segmentTitle ?? "" }];
      if (!Roadshow.isBackup(slide) && !Roadshow.isInFlow(slide)) return [];
      if (segment && !seen.has(segment)) {
        seen.add(segment);
        found.unshift({ slide, title: segmentTitle, kind: "Segment" });
      }
      return found.map(entry => ({ ...entry, body: Roadshow.isBackup(slide) ? slide.textContent.toLowerCase() : "" }));
    });
  }

  // Better first: the title begins so, a word of it begins so, it stands somewhere in it, it stands in an answer.
  function rank({ title, body }, letters) {
    const at = title.toLowerCase().indexOf(letters);
    if (at === 0) return 0;
    if (at > 0) return /[\p{L}\p{N}]/u.test(title[at - 1]) ? 2 : 1;
    return body.includes(letters) ? 3 : Infinity;
  }

  function search() {
    const letters = input.value.trim().toLowerCase();
    const ranked = entries().map(entry => ({ ...entry, rank: rank(entry, letters) })).filter(entry => entry.rank < Infinity);
    hits = ranked.sort((a, b) => a.rank - b.rank).slice(0, SHOWN);
    chosen = 0;
    show();
  }

  function show() {
    list.replaceChildren(...hits.map((hit, i) => {
      const item = Object.assign(document.createElement("li"), { id: `find-${i}`, role: "option", ariaSelected: String(i === chosen) });
      const kind = Object.assign(document.createElement("span"), { className: "kind", textContent: hit.kind });
      item.append(Object.assign(document.createElement("span"), { textContent: hit.title }), kind);
      item.addEventListener("click", () => take(i));
      return item;
    }));
    input.setAttribute("aria-activedescendant", hits.length ? `find-${chosen}` : "");
    dialog.querySelector("output").textContent = hits.length ? "" : "Nothing has these letters.";
  }

  function close() {
    dialog.close();
    // Else the next key may still go to the field.
    input.blur();
  }

  function take(index) {
    close();
    if (hits[index]) Roadshow.leaveFor(hits[index].slide);
  }

  function onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    event.stopPropagation();
    if (step && hits.length) {
      chosen = (chosen + step + hits.length) % hits.length;
      show();
    } else if (event.key === "Enter") take(chosen);
    // Escape alone would only empty the field.
    else if (event.key === "Escape") close();
    if (step || ["Enter", "Escape"].includes(event.key)) event.preventDefault();
  }

  function make() {
    dialog = document.createElement("dialog");
    dialog.className = "find";
    dialog.setAttribute("aria-label", "Find a segment, a slide or an answer");
    dialog.innerHTML = `<input type="search" role="combobox" aria-expanded="true" aria-controls="find-list" aria-autocomplete="list"
      aria-label="A few letters" placeholder="A segment, a slide, a question" autocomplete="off" spellcheck="false">
      <ul id="find-list" role="listbox" aria-label="Found"></ul><output></output>`;
    [input, list] = [dialog.querySelector("input"), dialog.querySelector("ul")];
    input.addEventListener("input", search);
    dialog.addEventListener("keydown", onKey);
    document.body.append(dialog);
  }

  return () => {
    if (!dialog) make();
    if (dialog.open) return;
    input.value = "";
    dialog.showModal();
    search();
  };
})();
