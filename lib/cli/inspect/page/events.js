/** Receives what the server sends, and says how the connection is. */

/**
 * @param onSnapshot - gets all that the server has recorded.
 * @param onEvents - gets a batch of events.
 * @param onNow - gets the present, by the server's clock, in milliseconds.
 * @param onState - gets `live` or `lost`: EventSource connects again by itself.
 */
export function receiveEvents({ onSnapshot, onEvents, onNow, onState }) {
  const source = new EventSource('/events');
  const listen = (type, handle) =>
    source.addEventListener(type, ({ data }) => {
      onState('live');
      handle(JSON.parse(data));
    });
  listen('snapshot', (snapshot) => {
    onSnapshot(snapshot);
    onNow(snapshot.nowMs);
  });
  listen('inspect', (events) => {
    onEvents(events);
    const last = events.at(-1);
    if (last) onNow(last.at);
  });
  listen('now', ({ at }) => onNow(at));
  source.addEventListener('open', () => onState('live'));
  source.addEventListener('error', () => onState('lost'));
}

/** The server's clock, which runs on between its messages, never backwards. */
export function createClock() {
  let offset;
  return {
    set(at) {
      const seen = at - performance.now();
      // A message can only be late: the earliest one is right, until the server has been away.
      if (offset === undefined || seen > offset || offset - seen > 2000) offset = seen;
    },
    get now() {
      return offset === undefined ? 0 : performance.now() + offset;
    },
  };
}
