import { listenError } from '../../../lib/system/addresses/listen-error.js';
import { parseAddress } from '../../../lib/server/address.js';

describe('listenError', () => {
  it.each([
    ['127.0.0.1:80', 'EACCES', /port 80\b.*1023/],
    ['127.0.0.1:4000', 'EADDRINUSE', /in use by another program/],
    ['192.0.2.1:4000', 'EADDRNOTAVAIL', /192\.0\.2\.1 is not an address of this machine/],
    ['no.such.host:4000', 'ENOTFOUND', /no\.such\.host does not resolve/],
    ['no.such.host:4000', 'EAI_AGAIN', /no\.such\.host does not resolve/],
    ['unix:/run/none/app.sock', 'ENOENT', /folder \/run\/none does not exist/],
    ['unix:/proc/app.sock', 'ENOENT', /no file can be created in the folder \/proc/],
    ['unix:/run/app/app.sock', 'EACCES', /may not write to the folder \/run\/app/],
    ['unix:/run/app/app.sock', 'EROFS', /may not write to the folder \/run\/app/],
    ['unix:/run/app/app.sock', 'ENOTDIR', /\/run\/app is not a folder/],
    ['unix:@app', 'EADDRINUSE', /another program/],
    ['fd:3', 'EINVAL', /not a listening socket/],
    ['fd:3', 'EEXIST', /already/],
    ['127.0.0.1:4000', 'EMFILE', /as the system says/],
  ])('should name %s and the reason for %s', (address, code, reason) => {
    const cause = Object.assign(new Error('as the system says'), { code });
    const error = listenError(cause, parseAddress(address)) as Error;
    expect(error).toMatchObject({ code, address, cause, syscall: 'listen' });
    expect(error.message).toContain(`listen on ${address}: `);
    expect(error.message).toMatch(reason);
  });

  it.each([new TypeError('no code'), 'text', null, undefined])('should leave %s as it is', (error) => {
    expect(listenError(error, parseAddress('127.0.0.1:80'))).toBe(error);
  });
});
