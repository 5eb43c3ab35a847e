/** Calls of an application on the SCGI library of Perl. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { firstValueFrom, map, mergeMap } from 'rxjs';
import { scgiFetch, scgiRequest } from '../../../lib/node/index.js';
import { startApplication, type Application } from '../../helpers/applications/application.js';
import { describeWith } from '../../helpers/describe-with.js';
import { expectNoProcessFaults } from '../../helpers/faults/process-faults.js';
import { ownGateway } from '../../helpers/peers/web-servers/own-gateway.js';
import { TRANSPORTS } from '../../helpers/sockets/sockets.js';

expectNoProcessFaults();

const PROGRAM = join(__dirname, '../../helpers/applications/programs/scgi_echo.pl');
const MODULE = spawnSync('perl', ['-MSCGI', '-e', '1']).status === 0 ? 'perl' : "Perl's module SCGI";

/** The variables and the body of an answer. */
function parse(text: string): { variables: Record<string, string>; body: string } {
  const end = text.indexOf('\n\n');
  const lines = text.slice(0, end).split('\n');
  const variables = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2))) as Record<
    string,
    string
  >;
  return { variables, body: text.slice(end + 2) };
}

describeWith([MODULE], 'libscgi-perl', () => {
  describe.each(TRANSPORTS)('over %s', (transport) => {
    let perl: Application;

    beforeAll(async () => {
      perl = await startApplication('perl', transport, async ({ address }) => [PROGRAM, address]);
    });
    afterAll(() => perl.stop());

    it('should answer scgiRequest, with all variables that have a value', async () => {
      const init = { uri: '/a', headers: { 'X-A': 'b', 'X-Empty': '' }, variables: { LAST: 'z' } };
      const answer$ = scgiRequest(perl.target, init).pipe(
        mergeMap((response) => response.text().pipe(map((text) => ({ response, ...parse(text) })))),
      );
      const { response, variables, body } = await firstValueFrom(answer$);
      expect([response.status, response.statusText, body]).toEqual([202, 'Taken', '']);
      expect(variables).toEqual({
        CONTENT_LENGTH: '0',
        SCGI: '1',
        REQUEST_METHOD: 'GET',
        REQUEST_URI: '/a',
        SERVER_PROTOCOL: 'HTTP/1.1',
        HTTP_X_A: 'b',
        LAST: 'z',
      });
    });

    it('should answer scgiFetch, with the whole body', async () => {
      const sent = 'x'.repeat(1_000_000);
      const response = await scgiFetch(perl.target)('/b?c', { method: 'POST', body: sent });
      const { variables, body } = parse(await response.text());
      expect(variables).toMatchObject({
        CONTENT_LENGTH: '1000000',
        QUERY_STRING: 'c',
        HTTP_HOST: 'localhost',
      });
      expect(body === sent).toBe(true);
    });

    it('should get all variables of a gateway', async () => {
      const gateway = await ownGateway.start({ target: perl.target });
      const response = await fetch(`${gateway.url}/a%20b`, { headers: { 'X-A': 'b', 'X-Empty': '' } });
      const { variables } = parse(await response.text());
      await gateway.stop();
      expect([response.status, response.statusText]).toEqual([202, 'Taken']);
      const expected = { SCGI: '1', REQUEST_URI: '/a%20b', PATH_INFO: '/a b', HTTP_X_A: 'b' };
      expect(variables).toMatchObject({ ...expected, SERVER_SOFTWARE: 'rxscgi', REMOTE_ADDR: '127.0.0.1' });
      expect(Object.keys(variables)).not.toContain('HTTP_X_EMPTY');
    });
  });
});
