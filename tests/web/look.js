// What is too small, too faint or too hard to hit on the page that is shown. Called with {text, target}.
(least) => {
  const seen = (one) => {
    const box = one.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > 0 && getComputedStyle(one).visibility === "visible";
  };
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : Math.pow((value + 0.055) / 1.055, 2.4));
  const luminance = ([r, g, b]) => 0.2126 * channel(r / 255) + 0.7152 * channel(g / 255) + 0.0722 * channel(b / 255);
  const rgba = (text) => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) { return colour; }
    }
    return [255, 255, 255];
  };
  const contrast = (one) => {
    const [a, b] = [luminance(rgba(getComputedStyle(one).color)), luminance(ground(one))].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const called = (one) => `${one.tagName} ${one.className} ${(one.textContent || one.name || "").trim().slice(0, 30)}`;
  const found = [];
  for (const one of document.body.querySelectorAll("*")) {
    const speaks = Array.from(one.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!speaks || !seen(one) || one.closest(".skip, noscript, option, optgroup")) { continue; }
    const size = parseFloat(getComputedStyle(one).fontSize);
    if (size < least.text - 0.01) { found.push(`text of ${size} px: ${called(one)}`); }
    const ratio = contrast(one);
    if (ratio < 4.5) { found.push(`contrast of ${ratio.toFixed(2)}: ${called(one)}`); }
  }
  const targets = "a, button, summary, select, textarea, input[type=text], input[type=tel], label.choice";
  for (const one of document.body.querySelectorAll(targets)) {
    if (!seen(one) || one.closest(".skip")) { continue; }
    const box = one.getBoundingClientRect();
    if (box.height < least.target - 0.5 || box.width < least.target - 0.5) {
      found.push(`target of ${Math.round(box.width)} × ${Math.round(box.height)} px: ${called(one)}`);
    }
  }
  return found;
}
