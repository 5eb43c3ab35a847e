/** Shows the events of the application as they come. */
const events = document.getElementById('events');
const source = new EventSource('events');
for (const type of ['snapshot', 'inspect']) {
  source.addEventListener(type, ({ data }) => (events.textContent = `${type} ${data}\n`));
}
