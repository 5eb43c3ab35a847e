// A form with files, as a browser sends it: multipart/form-data, read by busboy while it arrives.
//
//     npm install rxscgi rxjs busboy
//     UPLOADS=. npx rxscgi dev multipart.mjs
//     curl http://127.0.0.1:8080/ -F title=Holidays -F photos=@one.jpg -F photos=@two.jpg
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import busboy from 'busboy';
import { HttpError, html, json } from 'rxscgi';

const FOLDER = process.env.UPLOADS ?? tmpdir();
const MAX_FILE_BYTES = Number(process.env.MAX_FILE_BYTES ?? 20 * 1024 * 1024);

/** What one form may have. A form with more is answered with 413. */
const LIMITS = { files: 10, fileSize: MAX_FILE_BYTES, fields: 50, fieldSize: 10_000 };

const FORM = `<!doctype html>
<html lang="en">
<title>Upload</title>
<form method="post" enctype="multipart/form-data">
<input name="title" aria-label="Title">
<input type="file" name="photos" multiple aria-label="Photos">
<button>Send</button>
</form>
</html>
`;

/** @type {import('rxscgi').AnyScgiHandler} */
export default function handle(request) {
  switch (request.method) {
    case 'GET':
    case 'HEAD':
      return html(FORM);
    case 'POST':
      return receive(request);
    default:
      throw new HttpError(405, undefined, { headers: { Allow: 'GET, HEAD, POST' } });
  }
}

async function receive({ headers, body }) {
  const form = parserOf(headers);
  const fields = [];
  const files = [];
  let refusal;
  const refuse = () => {
    refusal = new HttpError(413);
    // Not at once: busboy is in the middle of a chunk when it reports a limit.
    process.nextTick(() => form.destroy(refusal));
  };
  form.on('filesLimit', refuse).on('fieldsLimit', refuse);
  form.on('field', (name, value, { valueTruncated }) => {
    if (valueTruncated) refuse();
    fields.push([name, value]);
  });
  form.on('file', (field, stream, { filename, mimeType }) => {
    // A name of our own: that of the client could be any path.
    const path = join(FOLDER, randomUUID());
    const target = createWriteStream(path);
    // The form waits for the disk, and the web server for the form.
    const written = pipeline(stream.on('limit', refuse), target);
    written.catch((error) => form.destroy(error));
    files.push({ field, filename, mimeType, path, target, written });
  });
  try {
    await pipeline(body, form);
    await Promise.all(files.map(({ written }) => written));
    if (refusal) throw refusal;
  } catch (error) {
    await Promise.allSettled(files.map(({ written }) => written));
    await Promise.all(files.map(({ path }) => rm(path, { force: true })));
    // Errors of the disk and of the request have a code. Those of busboy have none: they are about the form.
    throw refusal ?? ('code' in error ? error : new HttpError(400, error.message, { cause: error }));
  }
  const stored = files.map(({ target, field, filename, mimeType }) => {
    return { field, filename, mimeType, bytes: target.bytesWritten };
  });
  return json({ fields, files: stored }, { status: 201 });
}

/** @throws HttpError 415 when the body is not a form. */
function parserOf(headers) {
  try {
    return busboy({ headers: { 'content-type': headers.get('content-type') ?? '' }, limits: LIMITS });
  } catch (cause) {
    throw new HttpError(415, cause.message, { cause });
  }
}
