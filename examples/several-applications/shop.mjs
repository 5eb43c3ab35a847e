// One of two applications: it knows nothing of its mount, except in the links that it makes.
//
//     rxscgi serve shop.mjs --listen 127.0.0.1:4001 --mount /shop
import { html } from 'rxscgi';

/** @type {import('rxscgi').AnyScgiHandler} */
export default ({ path, url }) => html(`<p>The shop shows ${path}, which is ${url.pathname} outside.</p>\n`);
