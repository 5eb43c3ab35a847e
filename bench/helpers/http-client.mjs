/** An HTTP client for where wrk is missing: keep-alive connections, one request after the other on each. */
import { Agent, request } from 'node:http';
import { commands } from './measured.mjs';

commands.load = ({ url, fields, connections, seconds }) => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const options = { agent, headers: Object.fromEntries(fields) };
  const started = performance.now();
  const until = started + seconds * 1000;
  let requests = 0;

  const one = () =>
    new Promise((resolve, reject) => {
      const sent = request(url, options, (response) => {
        if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
        response.on('end', resolve).on('error', reject).resume();
      });
      sent.on('error', reject).end();
    });

  const client = async () => {
    while (performance.now() < until) {
      await one();
      requests++;
    }
  };
  return Promise.all(Array.from({ length: connections }, client))
    .then(() => ({ requests, seconds: (performance.now() - started) / 1000 }))
    .finally(() => agent.destroy());
};
console.log('ready');
