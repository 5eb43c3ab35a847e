// Shows what the server tells, and asks it to start and to stop downloads.
/* global document, EventSource */
const table = document.getElementById('downloads');
const status = document.getElementById('status');
const rows = new Map();
let failure = '';

const events = new EventSource('/events');
events.addEventListener('open', () => {
  // The server tells everything anew.
  for (const hash of rows.keys()) remove(hash);
  show();
});
events.addEventListener('error', () => {
  status.textContent = 'The connection is lost. Connecting again …';
});
events.addEventListener('changed', ({ data }) => {
  for (const download of JSON.parse(data)) update(download);
  show();
});
events.addEventListener('gone', ({ data }) => {
  for (const hash of JSON.parse(data)) remove(hash);
  show();
});
events.addEventListener('failure', ({ data }) => {
  failure = JSON.parse(data);
  show();
});

function show() {
  status.textContent = failure || `${rows.size} ${rows.size === 1 ? 'download' : 'downloads'}`;
}

function update({ hash, name, bytes, done, down, up, started }) {
  const row = rows.get(hash) ?? add(hash);
  const percent = bytes > 0 ? Math.floor((100 * done) / bytes) : 0;
  const cells = [name, size(bytes), `${percent} %`, `${size(down)}/s`, `${size(up)}/s`];
  // As text: a name may be anything.
  cells.forEach((text, index) => (row.cells[index].textContent = text));
  row.querySelector('button').textContent = started ? 'Stop' : 'Start';
}

function add(hash) {
  const row = table.insertRow();
  row.dataset.hash = hash;
  for (let cell = 0; cell < 6; cell++) row.insertCell();
  const button = document.createElement('button');
  button.type = 'button';
  button.addEventListener('click', () => press(hash, button));
  row.cells[5].append(button);
  rows.set(hash, row);
  return row;
}

function remove(hash) {
  rows.get(hash)?.remove();
  rows.delete(hash);
}

/** What has become of it, the next event tells. */
async function press(hash, button) {
  button.disabled = true;
  try {
    const command = button.textContent === 'Start' ? 'start' : 'stop';
    const response = await fetch(`/downloads/${hash}/${command}`, { method: 'POST' });
    if (!response.ok) status.textContent = await response.text();
  } catch {
    status.textContent = 'The server does not answer.';
  } finally {
    button.disabled = false;
  }
}

function size(bytes) {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const unit = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${(bytes / 1000 ** unit).toFixed(unit === 0 ? 0 : 1)} ${units[unit]}`;
}
