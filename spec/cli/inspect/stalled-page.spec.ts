/** A page of the live view whose browser has stopped reading: it is cut, and others are not. */
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NEVER, ReplaySubject, Subject, finalize, firstValueFrom, type Observable } from 'rxjs';
import { InspectRecord, type InspectMessage } from '../../../lib/cli/inspect/inspect-record.js';
import { serveInspect } from '../../../lib/cli/inspect/serve-inspect.js';
import { afterwards, cleanUpSockets } from '../../helpers/sockets/sockets.js';

const MIB = 2 ** 20;
/** What may wait in the server's queue, and what the system and the gateway hold of two connections over loopback. */
const MAX_HELD_BYTES = (8 + 16) * MIB;
/** Without a cut, the spec ends here. */
const MOST_BYTES = 64 * MIB;
const MAX_LEFT_BYTES = 4 * MIB;
const SMALL = { maxExchanges: 5, maxBytes: 300_000, maxReplayBytes: 100_000 };

/** Tells when a page is there, and when it is gone. */
class WatchedRecord extends InspectRecord {
  readonly left = new Subject<number>();
  pages = 0;

  override get messages(): Observable<InspectMessage> {
    this.pages++;
    return super.messages.pipe(
      finalize(() => {
        this.pages--;
        this.left.next(this.pages);
      }),
    );
  }
}

cleanUpSockets();

describe('a page that stops reading', () => {
  let record: WatchedRecord;
  let url: URL;
  let connections: number;

  beforeEach(async () => {
    record = new WatchedRecord('run', Date.now, SMALL);
    connections = 0;
    const urls = new ReplaySubject<string>(1);
    const serving = serveInspect(record, 0, NEVER).subscribe(urls);
    afterwards(() => serving.unsubscribe());
    url = new URL(await firstValueFrom(urls));
  });

  /** Asks for the events over a socket. */
  function askForEvents(lastEventId = ''): Socket {
    const socket = connect(Number(url.port), url.hostname);
    afterwards(() => socket.destroy());
    socket.on('error', () => undefined);
    const id = lastEventId && `Last-Event-ID: ${lastEventId}\r\n`;
    socket.write(`GET /events HTTP/1.1\r\nHost: ${url.host}\r\n${id}\r\n`);
    return socket;
  }

  /** Asks for the events, and waits for the first of them. */
  async function openPage(lastEventId = ''): Promise<Socket> {
    const socket = askForEvents(lastEventId);
    await seen(socket, /event: (snapshot|inspect|now)\n/);
    return socket;
  }

  /** Reads until a text has come. @returns all that has come so far. */
  function seen(socket: Socket, pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      let text = '';
      const onClose = (): void => reject(new Error(`closed after ${text.slice(-200)}`));
      const onData = (chunk: Buffer): void => {
        text += chunk.toString('latin1');
        if (!pattern.test(text)) return;
        socket.off('data', onData).off('close', onClose).pause();
        resolve(text);
      };
      socket.on('data', onData).resume();
      socket.once('close', onClose);
    });
  }

  /** An exchange of about 80 kB. @returns the characters that a page is sent. */
  function exchange(): number {
    const connection = ++connections;
    const at = { connection, at: connection };
    const chunk = { type: 'chunk', bytes: 4096, text: 'x'.repeat(4096), ...at } as const;
    const events = [
      { type: 'open', ...at },
      ...Array<typeof chunk>(20).fill(chunk),
      { type: 'close', ...at },
    ] as const;
    record.add({ originMs: Date.now(), events, dropped: 0 });
    return 20 * 4096;
  }

  /** Lets things happen until a page is gone. @returns how much has been sent until then. */
  async function sendUntilLeft(read: () => Promise<unknown> = async () => undefined): Promise<number> {
    let isGone = false;
    let sent = 0;
    const gone = firstValueFrom(record.left).then(() => (isGone = true));
    while (!isGone && sent < MOST_BYTES) {
      sent += exchange();
      await read();
      await new Promise(setImmediate);
    }
    if (isGone) await gone;
    return sent;
  }

  it('should be cut after a bounded number of bytes, none of which is held', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heldBytes = (): number => {
      collect();
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    };
    while (connections < 10) exchange();
    await openPage();
    const before = heldBytes();
    const sent = await sendUntilLeft();
    expect(sent).toBeLessThan(MAX_HELD_BYTES);
    expect(sent).toBeGreaterThan(4 * MIB);
    expect(record.pages).toBe(0);
    // What waited is given up in one of the next turns; else the spec ends by its timeout.
    while (heldBytes() - before > MAX_LEFT_BYTES) await new Promise(setImmediate);
  });

  it('should leave the place of a ninth one free: no more than 64 MiB wait for all of them', async () => {
    const pages = await Promise.all(Array.from({ length: 8 }, () => openPage()));
    const refused = askForEvents();
    expect(await seen(refused, /\r\n0\r\n\r\n$/)).toMatch(/\r\nretry: 5000\n\n\r\n0\r\n\r\n$/);
    expect(record.pages).toBe(8);
    const left = firstValueFrom(record.left);
    pages[0]!.destroy();
    expect(await left).toBe(7);
    await openPage();
  });

  it('should not disturb one that reads, and get what there is when it connects again', async () => {
    const stalled = await openPage();
    const reading = await openPage();
    const sent = await sendUntilLeft(() =>
      seen(reading, new RegExp(`"type":"close","connection":${connections},`)),
    );
    expect(sent).toBeLessThan(MAX_HELD_BYTES);
    expect(record.pages).toBe(1);
    expect(stalled.isPaused()).toBe(true);
    const again = await openPage('run.1');
    exchange();
    expect(await seen(again, new RegExp(`"type":"close","connection":${connections},`))).toContain(
      'event: inspect',
    );
  });
});
