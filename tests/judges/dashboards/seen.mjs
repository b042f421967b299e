// What somebody who looks at the page would complain about. These functions run within the page.

/** Texts of which a part cannot be seen, and panels that stand in each other's way. */
export function clipped() {
  // A line is higher than its letters.
  const [ASIDE, ABOVE] = [1.5, 5];
  const found = [];
  const beyondX = (inner, outer) => inner.left < outer.left - ASIDE || inner.right > outer.right + ASIDE;
  const beyondY = (inner, outer) => inner.top < outer.top - ABOVE || inner.bottom > outer.bottom + ABOVE;
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;

  // Content may be scrolled up and down: a text beyond the edge can be reached. To the side it shall not have to be.
  function cutBy(text, element, panel) {
    for (let parent = element; parent && panel.contains(parent); parent = parent.parentElement) {
      const box = parent.getBoundingClientRect();
      const style = getComputedStyle(parent);
      // For the eyes of screen readers only.
      if (box.width <= 1) return false;
      if (/auto|scroll/.test(style.overflowY) && parent.scrollHeight > parent.clientHeight + 1) return beyondX(text, box);
      if (style.overflowX !== 'visible' && beyondX(text, box)) return true;
      if (style.overflowY !== 'visible' && beyondY(text, box)) return true;
    }
    const box = panel.getBoundingClientRect();
    return beyondX(text, box) || beyondY(text, box);
  }

  const panels = [...document.querySelectorAll('[data-panel]')];
  for (const panel of panels) {
    const texts = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    const cut = new Set();
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const element = node.parentElement;
      if (!node.textContent.trim() || /STYLE|TITLE/i.test(element.tagName)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      const style = getComputedStyle(element);
      if (!box.width || style.visibility === 'hidden' || style.opacity === '0') continue;
      if (cutBy(box, element, panel)) cut.add(node.textContent.trim());
    }
    if (cut.size) found.push(`panel "${panel.dataset.panel}" cuts off: ${[...cut].map((text) => JSON.stringify(text)).join(', ')}`);
  }
  const boxes = panels.map((panel) => [panel.dataset.panel, panel.getBoundingClientRect()]);
  boxes.forEach(([name, box], i) => {
    if (box.right > innerWidth) found.push(`panel "${name}" is wider than the page`);
    for (const [other, its] of boxes.slice(i + 1)) if (!apart(box, its)) found.push(`panels "${name}" and "${other}" overlap`);
  });
  return found;
}

/** Text that no person shall see: variables and templates that nobody filled in, numbers that are none. */
export function leftovers() {
  const odd = /\{\{.*?\}\}|\$\{?\w+\}?|\bundefined\b|\bNaN\b|\[object Object\]|\bValue #[A-Z]\b|Invalid date/g;
  return [...new Set(document.body.innerText.match(odd) ?? [])].map((text) => `this text is shown: ${text}`);
}
