/** The parts of the live view's page that know nothing of a browser, bundled for Jest, which does not take ES modules. */
import { buildSync } from 'esbuild';
import type { InspectEvent } from '../../../lib/server/inspect/inspect-event.js';
import { PAGE } from './page-server.js';

export interface Run {
  readonly at: number;
  readonly to: number;
  readonly bytes: number;
  readonly count: number;
}

export interface Span {
  readonly from: number;
  readonly to?: number;
  readonly causes: readonly string[];
  readonly count: number;
}

export interface Exchange {
  readonly connection: number;
  readonly openAt: number;
  readonly closedAt?: number;
  readonly method: string;
  readonly path: string;
  readonly status?: number;
  readonly bytesIn: readonly Run[];
  readonly inputPaused: readonly Span[];
  readonly errors: readonly { readonly code: string }[];
  readonly variables: readonly { readonly name: string; readonly value: string; readonly length: number }[];
  readonly totals: {
    readonly in: number;
    readonly body: number;
    readonly chunks: number;
    readonly out: number;
  };
}

export interface Store {
  load(snapshot: object): void;
  apply(event: object): void;
  clear(): void;
  get(connection: number): Exchange | undefined;
  readonly exchanges: readonly Exchange[];
  readonly size: number;
  readonly dropped: number;
}

export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly width: number;
  x(at: number): number;
}

export interface Axis {
  tick(at: number): void;
  stop(): void;
  run(): void;
  zoom(factor: number, around?: number): void;
  move(part: number): void;
  show(from: number, to: number): void;
  reset(): void;
  scale(width: number): Scale;
  readonly now: number;
  readonly spanMs: number;
  readonly isRunning: boolean;
}

export type Shape = readonly (string | number | boolean)[];

export interface Layout {
  readonly lines: readonly Shape[];
  readonly marbles: readonly Shape[];
  readonly bands: readonly Shape[];
  readonly marks: readonly Shape[];
  readonly labels: readonly Shape[];
}

interface Filter {
  readonly path?: string;
  readonly status?: string;
  readonly minMs?: number;
  readonly only?: string;
}

interface PageModules {
  readonly createStore: () => Store;
  readonly createAxis: () => Axis;
  readonly ownScale: (from: number, to: number, width: number, now: number) => Scale;
  readonly ticksOf: (
    scale: Scale,
    gapPx?: number,
    origin?: number,
  ) => { readonly ticks: number[]; readonly step: number };
  readonly layoutExchange: (exchange: Exchange, scale: Scale) => Layout;
  readonly filterOf: (filter: Filter) => (exchange: Exchange, now: number) => boolean;
  readonly marbleTestOf: (exchange: Exchange) => { readonly text?: string; readonly reason?: string };
  readonly printable: (text: string, maxLength?: number) => string;
  readonly formatMs: (ms: number) => string;
  readonly formatBytes: (bytes: number) => string;
  readonly badgesOf: (
    exchange: Exchange,
    now: number,
  ) => readonly { readonly text: string; readonly kind: string }[];
}

const MODULES = [
  'exchanges/store',
  'exchanges/explain',
  'drawing/axis',
  'drawing/layout',
  'list/filters',
  'marble-test/marble-test',
  'format',
];

export function loadPageModules(): PageModules {
  const contents = MODULES.map((name) => `export * from './${name}.js';`).join('\n');
  const { outputFiles } = buildSync({
    stdin: { contents, resolveDir: PAGE },
    bundle: true,
    format: 'cjs',
    write: false,
  });
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call
  new Function('module', outputFiles[0]!.text)(module);
  return module.exports as PageModules;
}

/** The exchange that events come to. */
export function exchangeOf({ createStore }: PageModules, events: readonly InspectEvent[]): Exchange {
  const store = createStore();
  for (const event of events) store.apply(event);
  return store.exchanges[0]!;
}
