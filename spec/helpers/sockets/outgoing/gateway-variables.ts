/**
 * What web servers sent, as Debian ships them and with SCGI as the README configures it, for
 *
 *     POST /app/a%20b/%C3%A9;p?x=1%2F2&y=%26 HTTP/1.1
 *     Host: example.com:8080
 *     Cookie: a=1
 *     X-A: b
 *     Proxy: http://evil/
 *     Content-Type: text/plain
 *     Content-Length: 5
 *     Connection: close
 *
 * Recorded from nginx 1.22.1, Apache 2.4 and lighttpd 1.4.69; ports, paths and versions are made up.
 */
export const GATEWAY_VARIABLES: Readonly<Record<'nginx' | 'Apache' | 'lighttpd', Record<string, string>>> = {
  nginx: {
    CONTENT_LENGTH: '5',
    REQUEST_METHOD: 'POST',
    REQUEST_URI: '/app/a%20b/%C3%A9;p?x=1%2F2&y=%26',
    QUERY_STRING: 'x=1%2F2&y=%26',
    CONTENT_TYPE: 'text/plain',
    DOCUMENT_URI: '/app/a b/\xc3\xa9;p',
    DOCUMENT_ROOT: '/usr/share/nginx/html',
    SCGI: '1',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_SCHEME: 'http',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_PORT: '57424',
    SERVER_PORT: '8080',
    SERVER_NAME: '',
    HTTP_HOST: 'example.com',
    HTTP_COOKIE: 'a=1',
    HTTP_X_A: 'b',
    HTTP_PROXY: 'http://evil/',
    HTTP_CONTENT_TYPE: 'text/plain',
    HTTP_CONTENT_LENGTH: '5',
    HTTP_CONNECTION: 'close',
  },
  Apache: {
    CONTENT_LENGTH: '5',
    SCGI: '1',
    HTTP_HOST: 'example.com:8080',
    HTTP_COOKIE: 'a=1',
    HTTP_X_A: 'b',
    CONTENT_TYPE: 'text/plain',
    HTTP_CONNECTION: 'close',
    PATH: '/usr/bin:/bin',
    SERVER_SIGNATURE: '',
    SERVER_SOFTWARE: 'Apache/2.4 (Debian)',
    SERVER_NAME: 'example.com',
    SERVER_ADDR: '127.0.0.1',
    SERVER_PORT: '8080',
    REMOTE_ADDR: '127.0.0.1',
    DOCUMENT_ROOT: '/var/www/html',
    REQUEST_SCHEME: 'http',
    CONTEXT_PREFIX: '',
    CONTEXT_DOCUMENT_ROOT: '/var/www/html',
    SERVER_ADMIN: '[no address given]',
    SCRIPT_FILENAME: 'proxy:scgi://127.0.0.1:4000/app/a%20b/%C3%A9;p',
    REMOTE_PORT: '37752',
    SERVER_PROTOCOL: 'HTTP/1.1',
    REQUEST_METHOD: 'POST',
    QUERY_STRING: 'x=1%2F2&y=%26',
    REQUEST_URI: '/app/a%20b/%C3%A9;p?x=1%2F2&y=%26',
    SCRIPT_NAME: '/app/a b/\xc3\xa9;p',
  },
  lighttpd: {
    CONTENT_LENGTH: '5',
    QUERY_STRING: 'x=1%2F2&y=%26',
    REQUEST_URI: '/app/a%20b/%C3%A9;p?x=1%2F2&y=%26',
    REDIRECT_STATUS: '200',
    SCRIPT_NAME: '/app',
    PATH_INFO: '/a b/\xc3\xa9;p',
    PATH_TRANSLATED: '/var/www/html/a b/\xc3\xa9;p',
    SCRIPT_FILENAME: '/var/www/html/app',
    DOCUMENT_ROOT: '/var/www/html',
    REQUEST_METHOD: 'POST',
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_SOFTWARE: 'lighttpd/1.4.69',
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_SCHEME: 'http',
    SERVER_PORT: '8080',
    SERVER_ADDR: '127.0.0.1',
    SERVER_NAME: 'example.com',
    REMOTE_ADDR: '127.0.0.1',
    REMOTE_PORT: '40690',
    HTTP_HOST: 'example.com:8080',
    HTTP_COOKIE: 'a=1',
    HTTP_X_A: 'b',
    CONTENT_TYPE: 'text/plain',
    HTTP_CONTENT_LENGTH: '5',
    HTTP_CONNECTION: 'close',
    SCGI: '1',
  },
};
