import { packed, size, unpacker } from '../../generated/packed.js';
import { decodeBase64 } from '../base64.js';

const PAGE = 65536;

/**
 * The bytes of the module. A tiny module unpacks them: engines run it at full speed at once, while an inflater in
 * JavaScript would be interpreted.
 *
 * @returns {Uint8Array}
 */
export function unpackedModule() {
  const bytes = decodeBase64(packed);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decodeBase64(unpacker)));
  const { memory, unpack, __heap_base: start } = /** @type {any} */ (exports);
  const from = start.value;
  const to = from + bytes.length;
  memory.grow(Math.ceil((to + size) / PAGE) - memory.buffer.byteLength / PAGE);
  new Uint8Array(memory.buffer).set(bytes, from);
  if (!unpack(from, bytes.length, to, size)) throw new Error('the module inside the package is damaged');
  return new Uint8Array(memory.buffer, to, size);
}
