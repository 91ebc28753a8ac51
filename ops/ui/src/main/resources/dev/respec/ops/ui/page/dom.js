/** Makes an element; attributes that are functions are listeners, those that are null or false are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (name === 'class') element.className = value;
    else if (value === true) element.setAttribute(name, '');
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/**
 * A table in a frame that scrolls sideways where the window is narrow.
 * @param columns {name, value(row), numeric, title}
 */
export function table(caption, columns, rows, rowAttributes = () => ({})) {
  const cell = (column, row) => h('td', { class: column.numeric ? 'numeric' : null }, column.value(row) ?? '');
  return h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h('table', {},
      h('caption', {}, caption),
      h('thead', {}, h('tr', {}, columns.map((column) =>
        h('th', { scope: 'col', class: column.numeric ? 'numeric' : null, title: column.title }, column.name)))),
      h('tbody', {}, rows.map((row) => h('tr', rowAttributes(row), columns.map((column) => cell(column, row)))))));
}

/** Replaces what is in an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
}

/** Replaces it unless the reader is at work in it; says the same to a screen reader once only. */
export function refill(element, key, make) {
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  const scrolled = [...element.querySelectorAll('.scroll')].map((each) => [each.scrollLeft, each.scrollTop]);
  fill(element, make());
  element.querySelectorAll('.scroll').forEach((each, i) => scrolled[i] && each.scrollTo(...scrolled[i]));
}
