// The application in the container. It is healthy while what it needs is: here, its database.
import { json, text } from 'rxscgi';

let isDatabaseThere = false;

export async function start() {
  // Connects to the database. The server listens when this is done.
  isDatabaseThere = true;
}

export function stop() {
  isDatabaseThere = false;
}

/** @type {import('rxscgi').AnyScgiHandler} */
export default ({ path }) => {
  if (path !== '/health') return text(`Hello, ${path}\n`);
  return json({ database: isDatabaseThere }, { status: isDatabaseThere ? 200 : 503 });
};
