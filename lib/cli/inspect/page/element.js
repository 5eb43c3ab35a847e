/** Makes elements. Text is only ever set as text: nothing from a peer becomes markup. */

export function element(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

export function table(names, rows) {
  const made = element('table');
  const head = element('tr');
  head.append(...names.map((name) => element('th', '', name)));
  made.append(head);
  for (const cells of rows) {
    const row = element('tr');
    row.append(...cells.map((cell) => element('td', '', cell)));
    made.append(row);
  }
  return made;
}
