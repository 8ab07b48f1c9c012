import { fileOf } from '../platform/index.mjs';
import { state } from '../state.mjs';
import { toBase64 } from '../timeline.mjs';

/**
 * Resolves an image's source.
 *
 * @param {string} src
 * @param {string} route the page that relative paths start from
 * @returns {{ address?: string, elsewhere?: string }} where the browser finds it, or the host that is not contacted
 */
export function resolveImage(src, route) {
  if (src === '') return {};
  if (src.startsWith('data:image/')) return { address: src };
  const file = fileOf(src);
  if (file) return { address: `data:${file.type};base64,${toBase64(file.bytes)}` };
  const remote = /^https?:\/\/([^/]*)/.exec(src);
  if (remote) {
    return remote[1] === state.project.avatarHost
      ? { address: `/__simulator/avatar?${new URLSearchParams({ url: src })}` }
      : { elsewhere: remote[1] };
  }
  const { pathname } = new URL(src, `http://package/${route}`);
  return { address: `/__simulator/files${pathname}` };
}
