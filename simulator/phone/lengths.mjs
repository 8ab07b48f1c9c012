/** The width of the phone is 750 rpx and 375 CSS pixels. */
const PIXELS_PER_RPX = 375 / 750;

/** Viewport units, which refer to the page area below the title bar: `.phone-content` is that container. */
const WINDOW_UNITS = { vw: 'cqw', vh: 'cqh', vmin: 'cqmin', vmax: 'cqmax' };

/** Converts the platform's length units to the browser's, in style sheets and inline styles. @param {string} value */
export function convertLengths(value) {
  return value.replace(/(-?\d*\.?\d+)(rpx|vw|vh|vmin|vmax)\b/g, (_, number, unit) =>
    unit === 'rpx' ? `${Number(number) * PIXELS_PER_RPX}px` : `${number}${WINDOW_UNITS[unit]}`,
  );
}
