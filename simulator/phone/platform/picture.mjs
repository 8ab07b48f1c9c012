import { resolveImage } from '../axml/image-address.mjs';
import { topPage } from '../state.mjs';

/** Reads an image's size and type, if the browser can load it. */
export async function picture(src) {
  const { address } = resolveImage(src, topPage()?.route ?? '');
  if (address === undefined) return undefined;
  try {
    const image = Object.assign(new Image(), { src: address });
    await image.decode();
    const [, type = 'png'] = /\.(png|jpe?g|gif|webp|bmp)$|^data:image\/(\w+)/i.exec(src) ?? [];
    return { width: image.naturalWidth, height: image.naturalHeight, type: type.toLowerCase() };
  } catch {
    return undefined;
  }
}
