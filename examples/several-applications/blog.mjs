// The other application, which has all paths that nobody else has.
//
//     rxscgi serve blog.mjs --listen 127.0.0.1:4002
import { html } from 'rxscgi';

/** @type {import('rxscgi').AnyScgiHandler} */
export default ({ path }) => html(`<p>The blog shows ${path}.</p>\n`);
