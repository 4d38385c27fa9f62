// A palette to find a segment, a slide or a backup slide by a few letters of its name: over the slide, or in the speaker's window.
Roadshow.find = (() => {
  const SHOWN = 8, { _ } = Roadshow;
  // Here, since the speaker's window has none of the deck's styles.
  const STYLE = `
    dialog.find { position: fixed; top: 12vh; width: min(900px, 86vw); border: 0; border-radius: 12px; padding: 0; overflow: hidden; font: 26px/1.3 var(--rs-text, sans-serif); color: var(--rs-ink, #14202b); background: var(--rs-paper, #fff); box-shadow: 0 20px 70px #0008; }
    dialog.find::backdrop { background: #0009; }
    dialog.find input { box-sizing: border-box; width: 100%; font: inherit; font-size: 32px; padding: 20px 26px; border: 0; border-bottom: 2px solid var(--rs-line, #d5dde3); background: none; color: inherit; }
    dialog.find input:focus-visible { outline: 4px solid var(--rs-ember, #a8410f); outline-offset: -5px; }
    dialog.find ul { list-style: none; margin: 0; padding: 8px 0; }
    dialog.find li { display: flex; justify-content: space-between; gap: 24px; padding: 9px 26px; cursor: pointer; }
    dialog.find li[aria-selected="true"] { background: var(--rs-sea, #0a5c7d); color: var(--rs-paper, #fff); }
    dialog.find .kind { flex: none; max-width: 40%; font-size: 24px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    dialog.find output { display: block; padding: 0 26px 14px; } dialog.find output:empty { display: none; }`;
  let dialog, input, list, hits = [], chosen = 0;

  function entries() {
    const seen = new Set();
    return Roadshow.slides.flatMap(slide => {
      if (!Roadshow.isBackup(slide) && !Roadshow.isInFlow(slide)) return [];
      const { segment, segmentTitle } = slide.dataset, isBackup = Roadshow.isBackup(slide);
      const title = slide.querySelector("h1, h2")?.textContent.trim() ?? slide.id;
      const kind = isBackup ? slide.querySelector(".segment").textContent : segmentTitle ?? "";
      const found = [{ slide, title, kind, body: isBackup ? slide.textContent.toLowerCase() : "" }];
      if (segment && !seen.has(segment)) found.unshift({ slide, title: segmentTitle, kind: _("Segment"), body: "" });
      seen.add(segment);
      return found;
    });
  }

  // Better first: the title begins so, a word of it begins so, it stands somewhere in it, it stands in an answer.
  function rank({ title, body }, letters) {
    const text = title.toLowerCase(), words = text.split(/(?<![\p{L}\p{N}])(?=[\p{L}\p{N}])/u);
    if (text.startsWith(letters)) return 0;
    if (words.some((_, i) => words.slice(i).join("").startsWith(letters))) return 1;
    return text.includes(letters) ? 2 : body.includes(letters) ? 3 : Infinity;
  }

  function search() {
    const letters = input.value.trim().toLowerCase();
    const ranked = entries().map(entry => ({ ...entry, rank: rank(entry, letters) })).filter(entry => entry.rank < Infinity);
    hits = ranked.sort((a, b) => a.rank - b.rank).slice(0, SHOWN);
    chosen = 0;
    show();
  }

  function show() {
    const make = (tag, given) => Object.assign(dialog.ownerDocument.createElement(tag), given);
    list.replaceChildren(...hits.map((hit, i) => {
      const item = make("li", { id: `find-${i}`, role: "option", ariaSelected: String(i === chosen) });
      item.append(make("span", { textContent: hit.title }), make("span", { className: "kind", textContent: hit.kind }));
      item.addEventListener("click", () => take(i));
      return item;
    }));
    input.setAttribute("aria-activedescendant", hits.length ? `find-${chosen}` : "");
    dialog.querySelector("output").textContent = hits.length ? "" : _("Nothing has these letters.");
  }

  function close() {
    dialog.close();
    // Else the next key may still go to the field.
    input.blur();
  }

  function take(index) {
    close();
    if (hits[index]) Roadshow.go(hits[index].slide);
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

  function make(page) {
    dialog = page.createElement("dialog");
    dialog.className = "find";
    const letters = _("A few letters"), hint = _("A segment, a slide, a question"), found = _("Found");
    dialog.setAttribute("aria-label", _("Find a segment, a slide or an answer"));
    dialog.innerHTML = `<style>${STYLE}</style>
      <input type="search" role="combobox" aria-expanded="true" aria-controls="find-list" aria-autocomplete="list"
      aria-label="${letters}" placeholder="${hint}" autocomplete="off" spellcheck="false">
      <ul id="find-list" role="listbox" aria-label="${found}"></ul><output></output>`;
    [input, list] = [dialog.querySelector("input"), dialog.querySelector("ul")];
    input.addEventListener("input", search);
    dialog.addEventListener("keydown", onKey);
    page.body.append(dialog);
  }

  return (page = document) => {
    if (dialog?.open) close();
    if (dialog?.ownerDocument !== page) dialog?.remove(), make(page);
    input.value = "";
    dialog.showModal();
    search();
  };
})();
