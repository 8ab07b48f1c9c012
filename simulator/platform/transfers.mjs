import { checkHeaders, decodeBody } from './body.mjs';
import { CallFault } from './call-fault.mjs';
import { addressRefusal } from './network.mjs';

/** `my.chooseImage`, the camera, `my.uploadFile` and `my.downloadFile`: picking pictures and transferring files. */

const DEFAULT_TIMEOUT = 60_000;
const encoder = new TextEncoder();

/** OD my.uploadFile has one number for wrong parameters and a missing file; in OD my.downloadFile it is 2. */
const UPLOAD_INVALID = 11;
const DOWNLOAD_INVALID = 2;
const FAILED = 12;

export class Transfers {
  /**
   * @param {import('./platform.mjs').Ports} ports
   * @param {import('./network.mjs').Network} network
   * @param {import('./files.mjs').Files} files
   * @param {(name: string) => string | undefined} purposeOf the purpose that app.json declares for a call's permission
   */
  constructor(ports, network, files, purposeOf) {
    this.ports = ports;
    this.network = network;
    this.files = files;
    this.purposeOf = purposeOf;
    /** Whether the person does not want to be asked for the album again. */
    this.blocked = false;
  }

  /** `my.chooseImage`: the person picks pictures, page code gets their paths. */
  async chooseImage({ count = 1 }, { ask }) {
    const numbered = this.ports.faults.strikes('numbered-refusal', 'chooseImage');
    if (numbered && this.blocked) throw this.fault('chooseImage', 2002);
    const answer = await ask({ kind: 'image', count, numbered, purpose: this.purposeOf('chooseImage') });
    if (!answer.files) throw this.notChosen(answer, numbered);
    const tempFiles = answer.files.slice(0, count).map((file) => ({ path: this.files.add(file), size: file.bytes.length }));
    const paths = tempFiles.map(({ path }) => path);
    return { apFilePaths: paths, tempFilePaths: [...paths], tempFiles };
  }

  /** The camera: the person picks a picture for it. Assumed: without one the call fails with 1. */
  async 'CameraContext.takePhoto'(_fields, { askHere }) {
    const { files } = await askHere({ kind: 'image', count: 1, purpose: this.purposeOf('CameraContext.takePhoto') });
    if (!files?.length) throw new CallFault(1, 'no photo was taken');
    return { tempImagePath: this.files.add(files[0]) };
  }

  notChosen(answer, numbered) {
    if (answer === 'refuse-for-good') this.blocked = true;
    if (!numbered || !String(answer).startsWith('refuse')) return this.fault('chooseImage', 11);
    return this.fault('chooseImage', answer === 'refuse' ? 2001 : 2003);
  }

  /** `my.uploadFile`: a POST of multipart/form-data; any answer is a success, whatever its status. */
  async uploadFile(fields, line) {
    const { status, headers, body } = await this.transfer('uploadFile', this.uploaded(fields), line);
    return { data: decodeBody(body, 'text'), statusCode: status, header: headers };
  }

  /** @throws {CallFault} */
  uploaded({ url, filePath, name, header, headers, formData = {}, timeout }) {
    const { profiles } = this.ports;
    if (typeof name !== 'string' || name === '') throw new CallFault(UPLOAD_INVALID, '无效参数: name');
    const file = this.files.find(filePath);
    if (!file) throw new CallFault(UPLOAD_INVALID, '文件不存在');
    const { type, body, parts } = multipart({ ...formData }, name, filePath, file);
    const outgoing = {
      url: String(url ?? ''),
      method: 'POST',
      // The platform sets the content type, which contains the boundary.
      headers: [
        ...sent(header ?? headers, UPLOAD_INVALID).filter(([given]) => given.toLowerCase() !== 'content-type'),
        ['content-type', type],
      ],
      body,
      readable: parts,
      timeout: timeoutOf(timeout),
    };
    const refused = addressRefusal(outgoing, this.ports.whitelist(), Number(profiles['upload-whitelist']));
    if (refused) throw refused.error === 2 ? new CallFault(UPLOAD_INVALID, refused.message) : refused;
    return outgoing;
  }

  /** `my.downloadFile`: page code gets the path of the downloaded file. */
  async downloadFile(fields, line) {
    const { url, filePath, header, headers, timeout } = fields;
    if (typeof url !== 'string' || url === '') throw new CallFault(DOWNLOAD_INVALID, 'url must be a string');
    if (url.startsWith('data:')) return { ...this.saved(dataUrl(url), filePath), headers: {}, header: {} };
    const outgoing = { url, method: 'GET', headers: sent(header ?? headers, DOWNLOAD_INVALID), body: null, timeout: timeoutOf(timeout) };
    // According to the documents, the whitelist applies only to requests and uploads.
    const refused = addressRefusal(
      outgoing,
      [url].filter((given) => URL.canParse(given)).map((given) => new URL(given).origin),
      FAILED,
    );
    if (refused) throw refused;
    const answer = await this.transfer('downloadFile', outgoing, line);
    const good = answer.status >= 200 && answer.status < 300;
    if (!good && this.ports.profiles['download-status'] === '12') throw this.fault('downloadFile', FAILED);
    const file = { bytes: answer.body, type: answer.headers['content-type'] ?? '' };
    return { ...this.saved(file, filePath), headers: answer.headers, header: { ...answer.headers } };
  }

  saved(file, filePath) {
    if (filePath !== undefined) return { filePath: this.files.keep(String(filePath), file) };
    const path = this.files.add(file);
    return { apFilePath: path, tempFilePath: path };
  }

  /** Sends the request and reports its progress to page code. */
  async transfer(name, outgoing, { onAbort, tell }) {
    const upwards = name === 'uploadFile';
    let whole = false;
    const progress = (done, total) => {
      whole = done >= total;
      tell('progress', {
        progress: total > 0 ? Math.floor((done / total) * 100) : 100,
        totalBytesWritten: done,
        totalBytesExpectedToWrite: total,
      });
    };
    let told = false;
    const headersCame = (headers) => {
      if (!told) tell('headers', upwards ? { header: headers } : { headers });
      told = true;
    };
    const answer = await this.network.exchange(name, outgoing, onAbort, {
      sent: (done, total) => upwards && progress(done, total),
      headers: headersCame,
      received: (done, total) => !upwards && progress(done, total),
    });
    const total = upwards ? outgoing.body.length : answer.body.length;
    if (!whole) progress(total, total);
    headersCame(answer.headers);
    return answer;
  }

  fault(call, number) {
    return CallFault.of(this.ports.facts, call, number);
  }
}

function sent(given, invalid) {
  try {
    return checkHeaders(given ?? {});
  } catch (error) {
    throw new CallFault(invalid, error.message);
  }
}

function timeoutOf(timeout) {
  return typeof timeout === 'number' && timeout > 0 ? timeout : DEFAULT_TIMEOUT;
}

/** Builds a multipart/form-data body, and a readable summary of it. */
function multipart(fields, name, path, { bytes, type }) {
  const boundary = `----simulator${Math.random().toString(36).slice(2)}`;
  const quoted = (text) =>
    `"${String(text)
      .replace(/"/g, '%22')
      .replace(/[\r\n]+/g, ' ')}"`;
  const head = (field, rest) => `--${boundary}\r\nContent-Disposition: form-data; name=${quoted(field)}${rest}\r\n\r\n`;
  const texts = Object.entries(fields).map(([field, value]) => `${head(field, '')}${String(value)}\r\n`);
  const filename = path.slice(path.lastIndexOf('/') + 1);
  const before = encoder.encode(
    texts.join('') + head(name, `; filename=${quoted(filename)}\r\nContent-Type: ${type || 'application/octet-stream'}`),
  );
  const after = encoder.encode(`\r\n--${boundary}--\r\n`);
  const body = new Uint8Array(before.length + bytes.length + after.length);
  body.set(before);
  body.set(bytes, before.length);
  body.set(after, before.length + bytes.length);
  return { type: `multipart/form-data; boundary=${boundary}`, body, parts: { ...fields, [name]: { path, size: bytes.length } } };
}

/** Decodes a data: address in base64. @param {string} url @throws {CallFault} */
function dataUrl(url) {
  const [, type, content] = /^data:([^;,]*);base64,(.*)$/.exec(url) ?? [];
  if (content === undefined) throw new CallFault(DOWNLOAD_INVALID, 'a data: address must be base64');
  return { bytes: Uint8Array.from(atob(content), (character) => character.charCodeAt(0)), type };
}
