// Narrows the questions of a page to one group, or to those with some words. Without it all of them stand there.
(() => {
  const questions = [...document.querySelectorAll("section.question")], groups = [...document.querySelectorAll("section.group")];
  const parts = [...new Set(groups.map(group => group.parentElement))];
  const plain = text => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "");
  const texts = new Map(questions.map(question => [question, plain(question.textContent)]));
  const title = section => section.querySelector("h2, h3").firstChild.textContent;

  const form = document.createElement("form");
  form.className = "find-questions";
  form.role = "search";
  form.innerHTML = `<label>Words <input type="search" autocomplete="off"></label>
    <label>Subject <select><option value="">All</option></select></label><output role="status"></output>`;
  const [words, chosen, told] = form.querySelectorAll("input, select, output");
  for (const part of parts) {
    const several = Object.assign(document.createElement("optgroup"), { label: title(part) });
    several.append(...groups.filter(group => group.parentElement === part).map(group => new Option(title(group), group.id)));
    chosen.append(several);
  }
  parts[0].before(form);

  function narrow() {
    const wanted = plain(words.value).split(/\s+/).filter(Boolean);
    for (const question of questions) {
      const inGroup = !chosen.value || question.closest(".group").id === chosen.value;
      question.hidden = !(inGroup && wanted.every(word => texts.get(question).includes(word)));
    }
    for (const section of [...groups, ...parts]) section.hidden = !section.querySelector(".question:not([hidden])");
    const shown = questions.filter(question => !question.hidden).length;
    told.value = shown === questions.length ? `${shown} questions` : `${shown} of ${questions.length} questions`;
  }

  // Whoever follows a link to a question gets it, whatever was asked for before.
  function reach() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("[hidden]")) return;
    form.reset();
    narrow();
    target.scrollIntoView();
  }

  form.addEventListener("input", narrow);
  form.addEventListener("submit", event => event.preventDefault());
  window.addEventListener("hashchange", reach);
  narrow();
})();
