import { encoding } from './encodings.mjs';

/** Saved before the simulator removes it from page code's globals. */
const { DecompressionStream } = globalThis;

const [END, ENTRY, LOCAL] = [0x06054b50, 0x02014b50, 0x04034b50];
const END_SIZE = 22;
const MOST_ENTRIES = 10_000;
const [STORED, DEFLATED] = [0, 8];

/**
 * Unpacks a zip archive with stored or deflated entries, without passwords, smaller than 4 GiB. The stated sizes are checked first, and again
 * during unpacking.
 *
 * @param {Uint8Array} bytes
 * @param {{ file: number, all: number }} most the largest size of one file and of all files together, in bytes
 * @returns {Promise<{ path: string, isFolder: boolean, content: Uint8Array }[]>}
 * @throws if it is not such an archive, is too large, or has a path that leads out of its folder
 */
export async function unzip(bytes, most) {
  const entries = entriesOf(bytes);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > most.all || entries.some(({ size }) => size > most.file)) throw new Error('the archive is too large');
  const unpacked = [];
  for (const { path, isFolder, method, packed, size } of entries) {
    const content = method === STORED ? packed.slice() : await inflate(packed, size);
    if (content.length !== size) throw new Error(`${path} does not have the size that the archive names`);
    unpacked.push({ path, isFolder, content });
  }
  return unpacked;
}

/** Reads the archive's directory, which is at its end. */
function entriesOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - END_SIZE;
  while (end >= 0 && view.getUint32(end, true) !== END) end -= 1;
  if (end < 0) throw new Error('not a zip archive');
  const count = view.getUint16(end + 10, true);
  if (count > MOST_ENTRIES) throw new Error(`more than ${MOST_ENTRIES} entries`);
  let at = view.getUint32(end + 16, true);
  return Array.from({ length: count }, () => {
    expect(view, at, ENTRY);
    const [method, nameLength] = [view.getUint16(at + 10, true), view.getUint16(at + 28, true)];
    const isLocked = (view.getUint16(at + 8, true) & 1) === 1;
    const [packedSize, size, local] = [20, 24, 42].map((offset) => view.getUint32(at + offset, true));
    const name = encoding('utf8').decode(bytes.subarray(at + 46, at + 46 + nameLength));
    at += 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    if (isLocked || (method !== STORED && method !== DEFLATED)) throw new Error(`${name} cannot be unpacked`);
    expect(view, local, LOCAL);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    if (start + packedSize > bytes.length) throw new Error(`${name} is cut off`);
    return { ...placed(name), method, size, packed: bytes.subarray(start, start + packedSize) };
  });
}

function expect(view, at, signature) {
  if (view.getUint32(at, true) !== signature) throw new Error('not a zip archive');
}

/** @throws for an absolute path, and for one that leads upwards */
function placed(name) {
  const isFolder = name.endsWith('/');
  const path = isFolder ? name.slice(0, -1) : name;
  if (/[\\\0]/.test(path) || path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new Error(`the path ${JSON.stringify(name)} leads out of the folder`);
  }
  return { path, isFolder };
}

/** Inflates at most `size` bytes. */
async function inflate(packed, size) {
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  // Faults of the data arrive at the reader too.
  for (const done of [writer.write(packed), writer.close()]) done.catch(() => {});
  const reader = stream.readable.getReader();
  const content = new Uint8Array(size);
  let length = 0;
  for (let { value } = await reader.read(); value; { value } = await reader.read()) {
    if (length + value.length > size) {
      reader.cancel().catch(() => {});
      throw new Error('the content is larger than the archive says');
    }
    content.set(value, length);
    length += value.length;
  }
  return content.subarray(0, length);
}
