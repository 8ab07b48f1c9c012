import { inertContext } from './my-contexts.mjs';

/** Methods of browsers that the platform lacks. */
const NOT_THE_PLATFORMS = { convertToBlob: undefined, transferToImageBitmap: undefined };

/**
 * `my.createOffscreenCanvas`: the browser's own canvas, on which page code can draw and read pixels. Nothing shows it, because the simulator
 * shows no canvas, and its images stay empty. In an engine without such a canvas it is a placeholder.
 *
 * @param {import('./my.mjs').Front} front
 */
export function offscreenCanvas(front) {
  const placeholder = inertContext(front, 'createOffscreenCanvas');
  return (first = 100, second = 100) => {
    const [width, height] = typeof first === 'object' && first !== null ? [first.width ?? 100, first.height ?? 100] : [first, second];
    const { getContext, createImage, ...inert } = placeholder();
    const picture = () => {
      createImage();
      return { src: '', width: 0, height: 0, complete: false, onload: null, onerror: null };
    };
    if (!front.OffscreenCanvas) return { ...inert, getContext, createImage: picture, width, height };
    return Object.assign(new front.OffscreenCanvas(Number(width), Number(height)), inert, NOT_THE_PLATFORMS, { createImage: picture });
  };
}
