/**
 * Draws the ASCII marble diagrams of docblocks and pages as SVG. A row is `label:  track   note`; rows share their time axis, so that the
 * column of a character is its frame. Rows of `f` and `t` are gates, `─` is what goes over a socket, and words are events of one.
 */

const FRAME = 15;
const ROW = 38;
const NOTE = 17;
const CHARACTER = 7.9;
const RADIUS = 12;
const MARGIN = 12;

/** What each class looks like in the light, and what changes in the dark. */
const LOOK = {
  'line,end': ['stroke:#59636e;stroke-width:1.6;fill:none', 'stroke:#9aa4af'],
  wire: ['stroke:#0a69da;stroke-width:3;fill:none', 'stroke:#4c9bf5'],
  wait: ['stroke:#59636e;stroke-width:1.6;stroke-dasharray:2 5;fill:none', 'stroke:#9aa4af'],
  guide: ['stroke:#d1d9e0;stroke-width:1', 'stroke:#333b44'],
  fault: ['stroke:#cf222e;stroke-width:2.6;fill:none', 'stroke:#ff7b72'],
  group: ['stroke:#59636e;stroke-width:1.2;fill:none', 'stroke:#9aa4af'],
  paused: ['fill:#f5c6c2;stroke:#b3261e;stroke-width:1', 'fill:#5c2320;stroke:#ff8f87'],
  open: ['stroke:#1a7f37;stroke-width:1.6', 'stroke:#3fb950'],
  label: ['fill:#1f2328;text-anchor:end', 'fill:#e6edf3'],
  note: ['fill:#59636e', 'fill:#9aa4af'],
  letter: ['fill:#1f2328;text-anchor:middle;font-weight:600', 'fill:#e6edf3'],
  c0: ['fill:#b6e3ff;stroke:#0969da', 'fill:#0c3b6b;stroke:#58a6ff'],
  c1: ['fill:#ffe2a8;stroke:#9a6700', 'fill:#4d3800;stroke:#d29922'],
  c2: ['fill:#c5efce;stroke:#1a7f37', 'fill:#0f3d20;stroke:#3fb950'],
  c3: ['fill:#e7d8ff;stroke:#8250df', 'fill:#3b2066;stroke:#a371f7'],
  c4: ['fill:#ffd3e8;stroke:#bf3989', 'fill:#551639;stroke:#db61a2'],
  c5: ['fill:#ffd8bd;stroke:#bc4c00', 'fill:#5a2600;stroke:#f0883e'],
};
const COLOURS = Object.keys(LOOK).filter((name) => /^c\d$/.test(name)).length;

const rules = (theme, before = '') =>
  Object.entries(LOOK)
    .map(([names, looks]) => {
      const selectors = names.split(',').map((name) => `${before}.marble-${name}`);
      return `${selectors.join(',')}{${looks[theme]}}`;
    })
    .join('');
const FONT = '.marble text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}';

/** What a picture needs that follows the system's theme. */
const OWN_STYLE = `${FONT}${rules(0)}@media(prefers-color-scheme:dark){${rules(1)}}`;
/** What pictures inside of a page need, whose theme is the class `dark`. */
export const PAGE_STYLE = `${FONT}${rules(0)}${rules(1, '.dark ')}`;

/** Whether a block of text is a marble diagram: a label, and then a track of at least two frames. */
export function isMarble(text) {
  return text
    .split('\n')
    .some((line) => /^[^'"]+:\s+(.*\s)?[-─(·^\w]*[-─·]{2}/.test(line) && !line.includes('▶ '));
}

/** Parses a diagram. @returns its rows, each `{ label, track, note }`, in which `track` begins at the common first frame. */
export function parseMarble(text) {
  const lines = text.replace(/\s+$/, '').split('\n');
  const cut = lines.map(
    (line) => /^(\S.*?)(?::|(?<==> \w+)) {2,}(?=\S)/.exec(line) ?? /^(\S.*?): (?=\S)/.exec(line),
  );
  const starts = lines.map((line, at) => (cut[at] ? cut[at][0].length : line.search(/\S/)));
  const first = Math.min(...starts.filter((_, at) => isTrack(lines[at].slice(starts[at]))));
  return lines.map((line, at) => {
    const label = cut[at]?.[1] ?? '';
    const rest = line.slice(starts[at]);
    const [track, note] = split(rest);
    if (!isTrack(track)) return { label, track: '', note: rest };
    return { label, track: ' '.repeat(starts[at] - first) + track, note };
  });
}

function split(rest) {
  const [, track, note] = /^(\S+(?: \S+)*)(?: {2,}(\S.*))?$/.exec(rest.trimEnd()) ?? ['', rest, undefined];
  return [track, note ?? ''];
}

function isTrack(text) {
  const [track] = split(text);
  return /[-─·]/.test(track) && /^[-─·(|#^!\w ]/.test(track) && !/[,;] /.test(track);
}

/** The events of a track: a marble, a word, a group's bounds, or an end, each with its frame. */
function eventsOf(track) {
  const events = [];
  for (const { 0: text, index } of track.matchAll(/[A-Za-z0-9]+|[|#^!▶]/g)) {
    const before = track.slice(0, index);
    const inGroup = before.lastIndexOf('(') > before.lastIndexOf(')');
    // Words are on the rows of sockets; elsewhere, letters side by side are marbles of their own.
    if (text.length > 1 && (inGroup || !/[─·]/.test(track)))
      [...text].forEach((letter, at) => events.push({ text: letter, frame: index + at }));
    else if (text.length > 3 && text.endsWith('FIN'))
      events.push({ text: text.slice(0, -3), frame: index }, { text: 'FIN', frame: index + text.length - 3 });
    else events.push({ text, frame: index });
  }
  return events;
}

const REFERENCES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text) => text.replace(/[&<>"]/g, (character) => REFERENCES[character]);
const width = (text) => text.length * CHARACTER;
const isGate = (track) => /^\s*[ft][-ft|]*$/.test(track);

/** Draws a diagram. @param style - whether it brings its own, or leaves that to the page. @returns one SVG element. */
export function drawMarble(text, style = true) {
  const rows = parseMarble(text);
  const left = Math.round(MARGIN + Math.max(...rows.map(({ label }) => width(label))) + 14);
  const x = (frame) => Math.round(left + (frame + 0.5) * FRAME);
  const letters = [];
  const colourOf = (letter) => {
    if (!letters.includes(letter)) letters.push(letter);
    return `marble-c${letters.indexOf(letter) % COLOURS}`;
  };
  const drawn = [];
  const marbles = new Map();
  let y = MARGIN;
  let right = left;
  for (const { label, track, note } of rows) {
    const middle = y + ROW / 2;
    if (label)
      drawn.push(`<text class="marble-label" x="${left - 14}" y="${middle + 4}">${escaped(label)}</text>`);
    if (track) {
      const events = isGate(track) ? [] : eventsOf(track);
      drawn.push(
        ...(isGate(track) ? drawGate(track, middle, x) : drawTrack(track, events, middle, x, colourOf)),
      );
      for (const event of events)
        if (/^\w$/.test(event.text)) marbles.set(event.frame, [...(marbles.get(event.frame) ?? []), middle]);
      right = Math.max(right, x(track.length) + 8);
      y += ROW;
    }
    for (const line of wrapped(note)) {
      // The note of a row without a track takes its place.
      const baseline = track ? y + 6 : y + ROW / 2 + 4;
      drawn.push(`<text class="marble-note" x="${left}" y="${baseline}">${escaped(line)}</text>`);
      right = Math.max(right, left + width(line));
      y += NOTE;
    }
    if (!track) y += NOTE;
  }
  const guides = [...marbles]
    .filter(([, middles]) => middles.length > 1)
    .map(
      ([frame, middles]) =>
        `<path class="marble-guide" d="M${x(frame)} ${Math.min(...middles)}V${Math.max(...middles)}"/>`,
    );
  const [w, h] = [Math.ceil(right + MARGIN), Math.ceil(y + MARGIN)];
  const attributes = `class="marble" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" role="img"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${attributes} aria-label="${escaped(altOf(text))}">`,
    ...(style ? [`<style>${OWN_STYLE}</style>`] : []),
    ...guides,
    ...drawn,
    '</svg>',
  ].join(style ? '\n' : '');
}

/** The diagram in one line, for those who do not see it. */
export function altOf(text) {
  const rows = parseMarble(text).map(({ label, track, note }) =>
    [label && `${label}:`, track.trim(), note].filter(Boolean).join(' '),
  );
  return `Marble diagram. ${rows.join('; ')}`;
}

function wrapped(note) {
  const lines = [];
  for (const word of note.split(' ')) {
    if (lines.length > 0 && `${lines.at(-1)} ${word}`.length <= 52) lines.push(`${lines.pop()} ${word}`);
    else if (word) lines.push(word);
  }
  return lines;
}

/** A green line while open, a red bar while paused. */
function drawGate(track, y, x) {
  const parts = [];
  const changes = [...track.matchAll(/[ft]/g)];
  changes.forEach(({ 0: value, index: from }, at) => {
    const to = changes[at + 1]?.index ?? track.length;
    if (value === 'f') parts.push(`<path class="marble-open" d="M${x(from)} ${y}H${x(to)}"/>`);
    else
      parts.push(
        `<rect class="marble-paused" x="${x(from)}" y="${y - 9}" width="${x(to) - x(from)}" height="18"/>`,
        ...(to - from > 2
          ? [`<text class="marble-letter" x="${(x(from) + x(to)) / 2}" y="${y + 4}">true</text>`]
          : []),
      );
  });
  return parts;
}

function drawTrack(track, events, y, x, colourOf) {
  const parts = [];
  const edge = (frame) => x(frame) - FRAME / 2;
  for (const { 0: run, index } of track.matchAll(/[^·\s]+|·[·\s]*/g)) {
    const kind = run[0] === '·' ? 'wait' : track.includes('─') ? 'wire' : 'line';
    parts.push(`<path class="marble-${kind}" d="M${edge(index)} ${y}H${edge(index + run.length)}"/>`);
  }
  if (/[-─]$/.test(track)) {
    const end = edge(track.length);
    parts.push(`<path class="marble-end" d="M${end} ${y - 5}L${end + 7} ${y}L${end} ${y + 5}"/>`);
  }
  for (const { 0: group, index } of track.matchAll(/\([^)]*\)/g)) {
    const [from, to] = [x(index) - 4, x(index + group.length - 1) + 4];
    parts.push(
      `<rect class="marble-group" x="${from}" y="${y - 16}" width="${to - from}" height="32" rx="8"/>`,
    );
  }
  for (const { text, frame } of events) {
    const at = x(frame);
    const grouped = /\([^)]*$/.test(track.slice(0, frame));
    if (text === '|') parts.push(`<path class="marble-end" d="M${at} ${y - 12}V${y + 12}"/>`);
    else if (text === '#')
      parts.push(
        `<path class="marble-fault" d="M${at - 8} ${y - 8}L${at + 8} ${y + 8}M${at + 8} ${y - 8}L${at - 8} ${y + 8}"/>`,
      );
    else if (text === '▶')
      parts.push(`<path class="marble-wire" d="M${at - 6} ${y - 6}L${at + 4} ${y}L${at - 6} ${y + 6}"/>`);
    else if (text === '^' || text === '!') {
      const foot = text === '^' ? y + 10 : y - 10;
      parts.push(`<path class="marble-end" d="M${at - 6} ${foot}L${at} ${y}L${at + 6} ${foot}"/>`);
    } else if (text.length > 1) parts.push(...drawWord(text, frame, y, x));
    else
      parts.push(
        `<circle class="${colourOf(text)}" cx="${at}" cy="${y}" r="${grouped ? RADIUS - 4 : RADIUS}"/>`,
        `<text class="marble-letter" x="${at}" y="${y + 4}">${text}</text>`,
      );
  }
  return parts;
}

function drawWord(word, frame, y, x) {
  const middle = (x(frame) + x(frame + word.length - 1)) / 2;
  const half = Math.max((word.length * FRAME) / 2 - 2, Math.ceil(width(word) / 2) + 4);
  return [
    `<rect class="marble-c0" x="${middle - half}" y="${y - 11}" width="${half * 2}" height="22" rx="11"/>`,
    `<text class="marble-letter" x="${middle}" y="${y + 4}">${word}</text>`,
  ];
}
