/** The exchanges that the page knows: the last 500, each bounded. */
import { applyEvent, createExchange } from './exchange.js';

export const MAX_EXCHANGES = 500;
const MAX_RESTARTS = 50;

/** Makes an empty store. It knows nothing of the page. */
export function createStore() {
  const exchanges = new Map();
  let originMs = 0;
  let dropped = 0;
  let restarts = [];
  let lostEvents = 0;

  function exchangeOf({ connection, at }) {
    let exchange = exchanges.get(connection);
    if (exchange) return exchange;
    exchange = createExchange(connection, at);
    exchanges.set(connection, exchange);
    if (exchanges.size > MAX_EXCHANGES) {
      exchanges.delete(leastNeeded(exchanges));
      dropped++;
    }
    return exchange;
  }

  return {
    /** Replaces everything by what the server has recorded. */
    load(snapshot) {
      exchanges.clear();
      originMs = snapshot.originMs;
      dropped = snapshot.dropped?.exchanges ?? 0;
      lostEvents = 0;
      restarts = (snapshot.restarts ?? []).slice(-MAX_RESTARTS).map(({ at }) => at);
      for (const { connection, events, dropped: lost } of snapshot.exchanges.slice(-MAX_EXCHANGES)) {
        if (events.length === 0) continue;
        const exchange = exchangeOf({ connection, at: events[0].at });
        for (const event of events) applyEvent(exchange, event);
        if (lost) exchange.dropped = lost;
      }
    },
    /** Applies an event, of an exchange or of the server. */
    apply(event) {
      if (event.connection > 0) applyEvent(exchangeOf(event), event);
      else if (event.type === 'restart') restarts = [...restarts, event.at].slice(-MAX_RESTARTS);
      else if (event.type === 'dropped') lostEvents += event.events;
    },
    /** Forgets the exchanges that are over. */
    clear() {
      for (const [connection, { closedAt }] of exchanges)
        if (closedAt !== undefined) exchanges.delete(connection);
    },
    get(connection) {
      return exchanges.get(connection);
    },
    /** The newest first. */
    get exchanges() {
      return [...exchanges.values()].reverse();
    },
    get size() {
      return exchanges.size;
    },
    /** When the server's time began, by the wall clock. */
    get originMs() {
      return originMs;
    },
    /** When the application was started anew. */
    get restarts() {
      return restarts;
    },
    /** Events that the server could not send. */
    get lostEvents() {
      return lostEvents;
    },
    /** How many have been forgotten, here and by the server. */
    get dropped() {
      return dropped;
    },
  };
}

/** The oldest that is over, or the oldest. */
function leastNeeded(exchanges) {
  for (const [connection, { closedAt }] of exchanges) if (closedAt !== undefined) return connection;
  return exchanges.keys().next().value;
}
