/** The page of the live view in a browser, fed with events as the server sends them. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { concat, firstValueFrom, map, NEVER, of, reduce, ReplaySubject, Subject, take } from 'rxjs';
import { pullMap, serverSentEvents, text as answerText, type ScgiHandler } from '../../lib/index.js';
import { serveScgi } from '../../lib/node/index.js';
import { requestBytes } from '../../lib/testing/index.js';
import { describeLiveView, snapshotOf, text, titlesOf } from '../helpers/live-view/describe-live-view.js';
import type { PageEvent } from '../helpers/live-view/page-server.js';
import * as recorded from '../helpers/live-view/recorded-events.js';
import { runMarbleTest } from '../helpers/live-view/run-marble-test.js';
import { afterwards, cleanUpSockets, temporaryFolder } from '../helpers/sockets/sockets.js';

cleanUpSockets();

describeLiveView('the live view', (view) => {
  it('should show a brake while it lasts, who left, and the code and offset of a fault', async () => {
    const page = await view.open();
    view.server.send(recorded.brakedUpload(1, 0).slice(0, 12));
    view.server.now(900);
    await text(page, '.label-cause', /^pullMap$/);
    await text(page, '.badge-brake', /^upload braked .* by pullMap$/);
    view.server.send([...recorded.eventStream(2, 1000, 4, 50), ...recorded.malformed(3, 1500)]);
    view.server.now(1600);
    await text(page, '.label-unsubscribe', /^unsubscribed$/);
    await text(page, '.badge-unsubscribe', /^client left$/);
    await text(page, '.label-error', /^ERR_SCGI_NETSTRING_LENGTH at byte 0$/);
    expect(await titlesOf(page)).toEqual(['No request', 'GET /events', 'POST /upload']);
  });

  it('should show what a real server does, while it does it', async () => {
    const go = new Subject<void>();
    const handler: ScgiHandler = ({ path, body }) =>
      path === '/events'
        ? of(serverSentEvents(concat(of({ data: '1' }), NEVER)))
        : body.pipe(
            pullMap((chunk) =>
              go.pipe(
                take(1),
                map(() => chunk.length),
              ),
            ),
            reduce((sum, bytes) => sum + bytes, 0),
            map((bytes) => answerText(String(bytes))),
          );
    const address = join(temporaryFolder(), 's');
    const listening = new ReplaySubject<unknown>(1);
    const inspect = (event: PageEvent): void => view.server.send([event]);
    const served = serveScgi(handler, { listen: `unix:${address}`, inspect, onError: () => undefined });
    const subscription = served.subscribe(listening);
    afterwards(() => subscription.unsubscribe());
    await firstValueFrom(listening);
    const page = await view.open();

    // The handler waits until the page shows that it brakes.
    const upload = connect(address);
    upload.write(requestBytes({ method: 'POST', uri: '/upload', body: new Uint8Array(300_000) }));
    await text(page, '.badge-brake', /^upload braked .* by pullMap$/);
    await text(page, '.status', /^···$/);
    upload.on('data', () => undefined);
    const releases = setInterval(() => go.next(), 1);
    await text(page, '.status', /^200$/);
    clearInterval(releases);

    const events = connect(address);
    events.write(requestBytes({ uri: '/events' }));
    events.once('data', () => events.destroy());
    await text(page, '.label-unsubscribe', /^unsubscribed$/);
    const http = connect(address);
    http.resume().write('GET / HTTP/1.1\r\n\r\n');
    await text(page, '.label-error', /^ERR_SCGI_NETSTRING_LENGTH at byte 0$/);
  });

  it('should show what a click asks for, and a marble test that passes', async () => {
    view.server.snapshot = snapshotOf([recorded.brakedUpload(1, 0)], 4000);
    const page = await view.open();
    await page.click('.head');
    await text(page, '.section-brakes', /pullMap.*inputPaused.*180 ms/s);
    await text(page, '.section-variables', /REQUEST_URI.*\/upload/s);
    await text(page, '.section-response', /Response 200.*Content-Length/s);
    await text(page, '.section-chunks', /65,536 B/);
    expect(runMarbleTest(await text(page, '.code', /recorded/))).toEqual([
      'should answer 200 to POST /upload',
    ]);
  });

  it.each(['a click', 'the key T'])('should copy a marble test that passes, by %s', async (way) => {
    view.server.snapshot = snapshotOf([recorded.brakedUpload(1, 0)], 4000);
    const page = await view.open();
    const origin = await page.evaluate(() => location.origin);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin });
    await page.click('.head');
    await text(page, '.code', /recorded/);
    if (way === 'a click') await page.click('.primary');
    else await page.keyboard.press('t');
    await text(page, '#say', /^Copied the marble test\.$/);
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(runMarbleTest(copied)).toEqual(['should answer 200 to POST /upload']);
  });

  it('should show where an error comes from, in the application', async () => {
    const events = recorded
      .failing(1, 0)
      .map((event) => (event.type === 'error' ? { ...event, place: 'lib/<i>db.mjs:3:9' } : event));
    view.server.snapshot = snapshotOf([events], 1000);
    const page = await view.open();
    await page.click('.head');
    expect(await text(page, '.error-place', /db/)).toBe('lib/<i>db.mjs:3:9');
  });

  it('should close the details of what the server has forgotten', async () => {
    view.server.snapshot = snapshotOf([recorded.quick(1, 0, '/before')], 100);
    const page = await view.open();
    await page.setViewportSize({ width: 375, height: 700 });
    await page.click('.head');
    view.server.snapshot = snapshotOf([recorded.quick(2, 200, '/after')], 300);
    view.server.hangUp();
    await text(page, '.title', /after/);
    expect(
      await page.evaluate(() => [
        document.getElementById('details')!.hidden,
        document.querySelectorAll('[inert]').length,
      ]),
    ).toEqual([true, 0]);
  });

  it('should connect again, and show what the server has then', async () => {
    view.server.snapshot = snapshotOf([recorded.quick(1, 0, '/before')], 100);
    const page = await view.open();
    await text(page, '.title', /before/);
    view.server.snapshot = snapshotOf(
      [recorded.quick(1, 0, '/before'), recorded.quick(2, 200, '/after')],
      300,
    );
    view.server.hangUp();
    await text(page, '.title', /after/);
    await text(page, '#state', /^live$/);
    expect(await titlesOf(page)).toEqual(['GET /after', 'GET /before']);
    view.server.send([{ type: 'restart', connection: 0, at: 310 }, ...recorded.quick(3, 320, '/restarted')]);
    view.server.now(400);
    await text(page, '.tick-label', /restarted$/);
    await text(page, '.title', /restarted/);
  });
});
