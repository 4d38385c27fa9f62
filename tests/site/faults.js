// What is wrong with the slide that is shown: a list of sentences.
() => {
  const slide = Reveal.getCurrentSlide();
  const frame = slide.getBoundingClientRect();
  const faults = [];
  for (const element of slide.querySelectorAll("*")) {
    if (element.closest("aside.notes") || element.closest("math") || element.closest("svg svg, svg *")) continue;
    const box = element.getBoundingClientRect();
    const style = getComputedStyle(element);
    if (!box.width || !box.height || style.visibility === "hidden" || style.display === "none") continue;
    if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
      faults.push(`${element.tagName}.${element.className} reaches out of the slide`);
    if (style.textOverflow !== "ellipsis" && ["auto", "scroll", "hidden"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 1)
      faults.push(`${element.tagName}.${element.className} is wider than its place by ${element.scrollWidth - element.clientWidth} px`);
    if (["auto", "scroll", "hidden"].includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1 && element.clientHeight > 1)
      faults.push(`${element.tagName}.${element.className} is higher than its place by ${element.scrollHeight - element.clientHeight} px`);
  }
  const blocks = [...slide.querySelectorAll("h2, .content > div > *")].filter(block => !block.matches("aside"));
  for (let i = 1; i < blocks.length; i++)
    if (blocks[i].getBoundingClientRect().top < blocks[i - 1].getBoundingClientRect().bottom - 1)
      faults.push(`${blocks[i].tagName}.${blocks[i].className} lies over what stands before it`);
  for (const image of slide.querySelectorAll("img")) {
    if (!image.complete || !image.naturalWidth) faults.push(`${image.src} did not load`);
    const box = image.getBoundingClientRect();
    if (box.width < 260 || box.height < 160) faults.push(`a picture of ${Math.round(box.width)} by ${Math.round(box.height)} px cannot be read`);
  }
  return faults;
}
