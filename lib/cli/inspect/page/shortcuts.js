/** The keys of the page, and the list of them. */
import { element } from './element.js';

/** Key, its name, what it does, and the action. */
export const SHORTCUTS = [
  [' ', 'Space', 'Stop the time, or let it run', 'toggle'],
  ['+', '+', 'Zoom in', 'zoomIn'],
  ['-', '−', 'Zoom out', 'zoomOut'],
  ['ArrowLeft', '←', 'Earlier', 'earlier'],
  ['ArrowRight', '→', 'Later', 'later'],
  ['0', '0', 'Last 10 seconds, running', 'reset'],
  ['a', 'A', 'Shared clock, or each exchange from its own start', 'axis'],
  ['f', 'F', 'Fit the axis to the chosen exchange', 'fit'],
  ['ArrowDown', '↓', 'Next exchange', 'next'],
  ['j', 'J', 'Next exchange', 'next'],
  ['ArrowUp', '↑', 'Previous exchange', 'previous'],
  ['k', 'K', 'Previous exchange', 'previous'],
  ['Enter', 'Enter', 'Show the details of the exchange in focus', ''],
  ['t', 'T', 'Copy the chosen exchange as a marble test', 'copy'],
  ['/', '/', 'Filter by path', 'filter'],
  ['c', 'C', 'Clear what is over', 'clear'],
  ['Escape', 'Esc', 'Close the details', 'close'],
  ['?', '?', 'These keys', 'help'],
];

/** Calls actions by their keys, but not while somebody types. */
export function listenToKeys(actions) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const { target, key } = event;
    const isTyping = target instanceof HTMLElement && target.matches('input, select, textarea');
    if (isTyping && key !== 'Escape') return;
    // These scroll the text in focus.
    if (key.startsWith('Arrow') && target instanceof HTMLElement && target.matches('pre')) return;
    // Space presses the button in focus.
    if (key === ' ' && target instanceof HTMLElement && target.matches('button, summary')) return;
    const name = SHORTCUTS.find(
      ([each]) => each === (key === '=' ? '+' : key.length === 1 ? key.toLowerCase() : key),
    )?.[3];
    if (!name) return;
    event.preventDefault();
    actions[name]();
  });
}

/** Fills the list of keys. */
export function listShortcuts(list) {
  for (const [, name, what] of SHORTCUTS) {
    const key = element('dt');
    key.append(element('kbd', '', name));
    list.append(key, element('dd', '', what));
  }
}
