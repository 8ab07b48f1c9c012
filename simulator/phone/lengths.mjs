/** The width of the phone is 750 rpx and 375 CSS pixels. */
const PIXELS_PER_RPX = 375 / 750;

/** Units of the window, of which a page has the part below the title bar: `.phone-content` is that container. */
const WINDOW_UNITS = { vw: 'cqw', vh: 'cqh', vmin: 'cqmin', vmax: 'cqmax' };

/** Turns lengths of the platform into those of the browser, in a file of styles and in a style on an element alike. @param {string} value */
export function convertLengths(value) {
  return value.replace(/(-?\d*\.?\d+)(rpx|vw|vh|vmin|vmax)\b/g, (_, number, unit) =>
    unit === 'rpx' ? `${Number(number) * PIXELS_PER_RPX}px` : `${number}${WINDOW_UNITS[unit]}`,
  );
}
