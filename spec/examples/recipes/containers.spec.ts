/**
 * Runs what examples/docker and examples/kubernetes make containers run: the command, the health checks, and nginx. No image is built and
 * no cluster is started here: `docker build`, `docker compose up` and `kubectl apply` are not run.
 */
import { readFileSync, cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../../helpers/command/build.js';
import { Command, runCommand, useBuiltCommand } from '../../helpers/command/command.js';
import { describeWith } from '../../helpers/describe-with.js';
import { INSTALLED, PACKAGES } from '../../helpers/docs/recipes.js';
import { call } from '../../helpers/peers/clients/http-client.js';
import { nginx } from '../../helpers/peers/web-servers/nginx.js';
import { definePeer } from '../../helpers/peers/web-servers/peer.js';
import { cleanUpSockets, temporaryFolder } from '../../helpers/sockets/sockets.js';

useBuiltCommand();
cleanUpSockets();

const DOCKER = join(ROOT, 'examples/docker');
const PROGRAM = 'node_modules/.bin/rxscgi';
const read = (path: string) => readFileSync(join(ROOT, 'examples', path), 'utf8');

/** The arguments of `rxscgi` in a command of a container, with another address in place of the container's. */
function argsOf(command: readonly string[], address: string): string[] {
  const [program, ...args] = command;
  expect(program).toBe(PROGRAM);
  return args.map((arg) => (/:4000$/.test(arg) ? address : arg));
}

/** The command of an instruction of the Dockerfile. */
function commandOf(instruction: string): string[] {
  const lines = read('docker/Dockerfile').replace(/\\\n\s*/g, '');
  const [, list] = new RegExp(`^${instruction} .*?(\\[.*\\])$`, 'm').exec(lines) as unknown as [
    string,
    string,
  ];
  return JSON.parse(list) as string[];
}

/** The folder of the image, with what COPY puts there. */
function image(): string {
  const folder = temporaryFolder();
  cpSync(join(DOCKER, 'app.mjs'), join(folder, 'app.mjs'));
  cpSync(join(DOCKER, 'package.json'), join(folder, 'package.json'));
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules/rxscgi'));
  symlinkSync(join(ROOT, 'node_modules/rxjs'), join(folder, 'node_modules/rxjs'));
  return folder;
}

/** The address in the first line of a JSON log. */
async function addressIn(command: Command): Promise<string> {
  const line = await command.stderr.value((text) => text.includes('"event":"listening"'));
  return (JSON.parse(line) as { address: string }).address;
}

async function startNginx(
  site: string,
  address: string,
): Promise<{ url: string; stop: () => Promise<void> }> {
  const configuration = ({ port }: { readonly port: number }) =>
    site
      .replace(/listen \d+;/, `listen 127.0.0.1:${port};`)
      .replace(/scgi_pass \S+;/, `scgi_pass ${address};`);
  return definePeer({ ...nginx, site: configuration }).start({ target: '' });
}

describe('examples/docker', () => {
  it('should start, be healthy, and end at SIGTERM', async () => {
    const container = new Command(argsOf(commandOf('CMD'), '127.0.0.1:0'), { cwd: image() });
    const address = await addressIn(container);
    const check = argsOf(commandOf('HEALTHCHECK'), address);
    expect(check).toContain(address);
    expect((await runCommand(check)).code).toBe(0);
    // A path that is there, too, and not healthy.
    expect((await runCommand([...check, '--expect', '204'])).code).toBe(1);
    container.kill('SIGTERM');
    expect((await container.end()).code).toBe(0);
    expect((await runCommand(check)).code).toBe(1);
  });

  it('should copy the files that are there', () => {
    const copied = [...read('docker/Dockerfile').matchAll(/^COPY (.+) \.\/$/gm)].flatMap(([, names]) =>
      names!.split(' '),
    );
    // The lock file is the user's own.
    expect(copied).toEqual(['package.json', 'package-lock.json', 'app.mjs']);
  });

  describeWith(['nginx'], 'its nginx', () => {
    it('should pass on requests', async () => {
      const container = new Command(argsOf(commandOf('CMD'), '127.0.0.1:0'), { cwd: image() });
      const site = await startNginx(read('docker/nginx.conf'), await addressIn(container));
      try {
        expect(await call(`${site.url}/you`)).toMatchObject({ status: 200, text: 'Hello, /you\n' });
      } finally {
        await site.stop();
      }
    });
  });
});

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly selector: unknown;
    readonly ports: readonly { readonly name: string; readonly targetPort: string }[];
    readonly template: {
      readonly metadata: { readonly labels: unknown };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly containers: readonly Record<string, never>[];
      };
    };
  };
  readonly data: Readonly<Record<string, string>>;
}

describeWith(INSTALLED, 'examples/kubernetes', () => {
  const manifests = (): Record<string, Manifest> => {
    const { parseAllDocuments } = createRequire(join(PACKAGES, 'package.json'))('yaml') as {
      parseAllDocuments: (text: string) => { errors: unknown[]; warnings: unknown[]; toJS: () => Manifest }[];
    };
    const documents = parseAllDocuments(read('kubernetes/app.yaml'));
    for (const { errors, warnings } of documents) expect([errors, warnings]).toEqual([[], []]);
    return Object.fromEntries(documents.map((each) => [each.toJS().kind, each.toJS()]));
  };

  it('should be valid YAML whose parts fit together', () => {
    const { Deployment, Service, ConfigMap, Ingress, ...others } = manifests();
    expect(others).toEqual({});
    expect(Ingress).toBeDefined();
    const { matchLabels } = Deployment!.spec.selector as { matchLabels: unknown };
    expect([matchLabels, Service!.spec.selector]).toEqual(
      Array(2).fill(Deployment!.spec.template.metadata.labels),
    );
    const [, gateway] = Deployment!.spec.template.spec.containers as unknown as [
      unknown,
      { ports: { name: string; containerPort: number }[] },
    ];
    const port = gateway.ports.find(({ name }) => name === Service!.spec.ports[0]!.targetPort);
    expect(ConfigMap!.data['default.conf']).toContain(`listen ${port!.containerPort};`);
  });

  describeWith(['nginx'], 'its containers', () => {
    it('should serve, be ready and alive, and know the client that the ingress names', async () => {
      const { Deployment, ConfigMap } = manifests();
      const [app] = Deployment!.spec.template.spec.containers as unknown as [
        {
          command: string[];
          readinessProbe: { exec: { command: string[] } };
          livenessProbe: { exec: { command: string[] } };
        },
      ];
      const container = new Command([...argsOf(app.command, '127.0.0.1:0')], { cwd: image() });
      const address = await addressIn(container);
      for (const { exec } of [app.readinessProbe, app.livenessProbe])
        expect((await runCommand(argsOf(exec.command, address))).code).toBe(0);
      const site = await startNginx(ConfigMap!.data['default.conf']!, address);
      try {
        const headers = { 'X-Real-IP': '192.0.2.7', 'X-Forwarded-Proto': 'https' };
        expect(await call(`${site.url}/you`, { headers })).toMatchObject({ text: 'Hello, /you\n' });
        const line = await container.stdout.value(
          (text) => text.includes('"event":"response"') && text.includes('/you'),
        );
        expect(JSON.parse(line)).toMatchObject({ remote: '192.0.2.7' });
      } finally {
        await site.stop();
      }
    });
  });
});
