// Draws the runs of measure.mjs as SVG, readable on light and on dark pages.
const MIB = 1024 * 1024;
const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 52;
const RIGHT = 20;
const TOP = 34;
const BOTTOM = 44;

const STYLE = `
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .grid { stroke: #d1d9e0; }
  polyline { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
  .a { stroke: #bf3989; }
  .b { stroke: #0969da; }
  text.a { stroke: none; fill: #bf3989; }
  text.b { stroke: none; fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .grid { stroke: #3d444d; }
    .a { stroke: #f778ba; }
    .b { stroke: #58a6ff; }
    text.a { fill: #f778ba; }
    text.b { fill: #58a6ff; }
  }`;

/** @param runs - `{ name, samples: { ms, held }[] }` of two runs, the larger first. @returns the SVG's text. */
export function plot(runs) {
  const all = runs.flatMap(({ samples }) => samples);
  const seconds = Math.ceil(Math.max(...all.map(({ ms }) => ms)) / 1000);
  const mib = Math.max(4, Math.ceil(Math.max(...all.map(({ held }) => held)) / MIB / 4) * 4);
  const x = (ms) => round(LEFT + (ms / 1000 / seconds) * (WIDTH - LEFT - RIGHT));
  const y = (bytes) => round(HEIGHT - BOTTOM - (bytes / MIB / mib) * (HEIGHT - TOP - BOTTOM));

  const parts = ['<text class="title" x="8" y="18">MiB of the upload held by the process</text>'];
  for (let line = 0; line <= 4; line++) {
    const value = (mib / 4) * line;
    const at = y(value * MIB);
    parts.push(`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>`);
    parts.push(`<text x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${value}</text>`);
  }
  for (let second = 0; second <= seconds; second++) {
    const at = `x="${x(second * 1000)}" y="${HEIGHT - BOTTOM + 20}"`;
    parts.push(`<text ${at} text-anchor="middle">${second}</text>`);
  }
  parts.push(`<text x="${WIDTH - RIGHT}" y="${HEIGHT - 6}" text-anchor="end">seconds</text>`);
  runs.forEach(({ name, samples }, index) => {
    const points = samples.map(({ ms, held }) => `${x(ms)},${y(held)}`).join(' ');
    const most = Math.max(...samples.map(({ held }) => held));
    const kind = 'ab'[index];
    // The larger run is labelled at the top right, the other one above its line, where the larger one is high.
    const upper = `x="${WIDTH - RIGHT}" y="${TOP + 14}" text-anchor="end"`;
    const place = index === 0 ? upper : `x="${LEFT + 40}" y="${y(most) - 10}"`;
    parts.push(`<polyline class="${kind}" points="${points}"/>`);
    parts.push(`<text class="${kind}" ${place}>${name}: at most ${(most / MIB).toFixed(1)} MiB</text>`);
  });
  const title = `Bytes held by ${runs.map(({ name }) => name).join(' and ')} during an upload`;
  const size = `viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${title}">
<title>${title}</title>
<style>${STYLE}
</style>
${parts.join('\n')}
</svg>
`;
}

function round(value) {
  return Math.round(value * 10) / 10;
}
