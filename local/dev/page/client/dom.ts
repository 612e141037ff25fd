/** The element of this id, which the page has. */
export function byId<E extends HTMLElement>(id: string, type: new () => E): E {
  const element = document.getElementById(id);
  if (!(element instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return element;
}

type Child = Node | string;

/** An element with attributes and children. Text stays text: nothing is read as HTML. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string>,
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/**
 * Sets the text where it is another one, so that nothing is read out again that has not changed.
 */
export function setText(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Makes the children anew when what they show has changed: focus and selection stay otherwise. */
export function renderWhenChanged(target: HTMLElement, shown: unknown, render: () => Node[]): void {
  const key = JSON.stringify(shown);
  if (target.dataset.shown === key) return;
  target.dataset.shown = key;
  target.replaceChildren(...render());
}

/** Says something to screen readers. */
export function announce(text: string): void {
  setText(byId('announcer', HTMLParagraphElement), text);
}
