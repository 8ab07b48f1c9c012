import { deflateRawSync } from 'node:zlib';

/**
 * Builds a zip archive. Empty files and folders are stored, others deflated.
 *
 * @param {Record<string, string>} files
 * @param {{ size?: number, flags?: number, method?: number }} [wrong] what every entry claims instead of the truth
 */
export function zipOf(files, wrong = {}) {
  const parts = [];
  const list = [];
  let at = 0;
  const add = (...buffers) => {
    for (const buffer of buffers) at += buffer.length;
    parts.push(...buffers);
  };
  for (const [path, text] of Object.entries(files)) {
    const name = Buffer.from(path);
    const content = text === '' ? Buffer.alloc(0) : deflateRawSync(text);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(wrong.flags ?? 0x800, 2);
    shared.writeUInt16LE(wrong.method ?? (text === '' ? 0 : 8), 4);
    shared.writeUInt32LE(content.length, 14);
    shared.writeUInt32LE(wrong.size ?? Buffer.byteLength(text), 18);
    shared.writeUInt16LE(name.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    list.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), shared, rest, name);
    add(Buffer.from('PK\x03\x04', 'latin1'), shared, name, content);
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
}
