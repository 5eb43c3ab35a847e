/** The web server configurations and programs of a documentation page, ready to be run on the addresses of a test. */
import * as zlib from 'node:zlib';
import * as rxjs from 'rxjs';
import * as rxscgi from '../../../../lib/index.js';
import type { ServeOptions } from '../../../../lib/node/index.js';
import { readPage, runSnippet, snippetsOf, type Snippet } from '../../docs/snippets.js';
import type { SiteOptions } from './every-site.js';
import { definePeer, type Peer, type PeerDefinition, type SiteConfig } from './peer.js';

interface Section {
  readonly heading: string;
  readonly snippets: readonly Snippet[];
}

/** Texts of a page, and what a test puts in their place. */
type Replacements = Readonly<Record<string, string>>;

/** What a program of a page passes to `serveScgi`. */
export interface DocumentedProgram {
  readonly handler: rxscgi.ScgiHandler;
  readonly options: ServeOptions;
}

export class SitesOfPage {
  private readonly sections: readonly Section[];
  private readonly used = new Set<string>();

  constructor(
    path: string,
    private readonly peer: PeerDefinition,
  ) {
    // A line that begins with # inside a block of code is not a heading: they have two or more.
    this.sections = readPage(path)
      .split(/^(?=##+ )/m)
      .map((text) => ({
        heading: /^##+ (.+)/.exec(text)?.[1] ?? '',
        snippets: snippetsOf(text),
      }));
  }

  /** Everything that `describeEverySite` needs to run the configuration, and the program, under a heading. */
  under(heading: string, more: SiteOptions = {}): SiteOptions {
    const program = this.programUnder(heading);
    const { listen: _listen, until: _until, ...app } = program?.options ?? { listen: [] };
    return {
      peers: [this.peerUnder(heading)],
      transports: [this.configurationUnder(heading).includes('/run/app/app.sock') ? 'Unix' : 'TCP'],
      ...(program && { handler: program.handler }),
      ...more,
      app: { ...app, ...more.app },
    };
  }

  /** The web server with the configuration under a heading. */
  peerUnder(heading: string, replacements: Replacements = {}): Peer {
    const text = this.configurationUnder(heading);
    return definePeer({
      ...this.peer,
      site: (config) => replaceIn(text, { ...replacements, ...addressesOf(config) }),
    });
  }

  /** Runs the program under a heading. @returns what it serves, or undefined where there is no program. */
  programUnder(heading: string, replacements: Replacements = {}): DocumentedProgram | undefined {
    const snippet = this.section(heading).snippets.find(({ language }) => language === 'ts');
    if (snippet === undefined) return undefined;
    const served: DocumentedProgram[] = [];
    const serveScgi = (handler: rxscgi.ScgiHandler, options: ServeOptions) => {
      served.push({ handler, options });
      return rxjs.EMPTY;
    };
    const modules = { rxjs, rxscgi, 'rxscgi/node': { serveScgi }, 'node:zlib': zlib };
    runSnippet({ ...snippet, code: replaceIn(snippet.code, replacements) }, modules);
    if (served.length !== 1) throw new Error(`the program under ${heading} serves ${served.length} times`);
    return served[0];
  }

  /** The headings with a configuration that no spec has asked for. */
  get unused(): string[] {
    return this.sections
      .filter(({ heading, snippets }) => !this.used.has(heading) && snippets.some(isSiteOf(this.peer)))
      .map(({ heading }) => heading);
  }

  private configurationUnder(heading: string): string {
    const [found, ...others] = this.section(heading).snippets.filter(isSiteOf(this.peer));
    if (found === undefined || others.length > 0) throw new Error(`not one configuration under ${heading}`);
    return found.code;
  }

  private section(heading: string): Section {
    this.used.add(heading);
    const found = this.sections.filter((section) => section.heading === heading);
    if (found.length !== 1) throw new Error(`${found.length} headings ${heading}`);
    return found[0] as Section;
  }
}

function isSiteOf({ name }: PeerDefinition): (snippet: Snippet) => boolean {
  return ({ language }) => language === name.toLowerCase();
}

function addressesOf({ port, target, folder = '' }: SiteConfig): Replacements {
  return {
    '127.0.0.1:8080': `127.0.0.1:${port}`,
    'server.port = 8080': `server.port = ${port}`,
    '127.0.0.1:4000': target,
    '"port" => 4000': `"port" => ${target.slice(target.lastIndexOf(':') + 1)}`,
    '/run/app/app.sock': target.replace(/^unix:/, ''),
    '/srv/files': folder,
  };
}

function replaceIn(text: string, replacements: Replacements): string {
  return Object.entries(replacements).reduce((result, [from, to]) => result.replaceAll(from, to), text);
}
