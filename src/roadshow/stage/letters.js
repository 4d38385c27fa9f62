// Makes a sheet of a fixed height smaller until all of it is on its page; returns the letters of it that no font here draws.
() => {
  const sheet = document.querySelector("main");
  const size = parseFloat(getComputedStyle(sheet).fontSize);
  for (let part = 1; sheet.scrollHeight > sheet.clientHeight && part > 0.2; part -= 0.02) sheet.style.fontSize = `${size * part}px`;

  const side = 60;
  const pen = Object.assign(document.createElement("canvas"), { width: side, height: side }).getContext("2d", { willReadFrequently: true });
  pen.font = `40px ${getComputedStyle(sheet).fontFamily}`;
  const drawn = (letter) => {
    pen.clearRect(0, 0, side, side);
    pen.fillText(letter, 5, 45);
    return pen.getImageData(0, 0, side, side).data.join();
  };
  // U+10FFFF is no letter, so it looks as a letter does that is not there.
  const none = drawn("\u{10ffff}");
  const visible = [...new Set(sheet.textContent)].filter((letter) => !/[\p{Cf}\p{Z}\p{M}]/u.test(letter));
  return visible.filter((letter) => drawn(letter) === none).join("");
}
