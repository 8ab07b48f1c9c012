/**
 * The sandbox's test users have avatars on a reserved host that no one answers for. They are drawn here instead: one
 * character on a colour, both taken from the address.
 */
export const AVATAR_HOST = 'avatars.shop.example';

const COLOURS = ['#2f54eb', '#08979c', '#389e0d', '#d48806', '#d4380d', '#c41d7f', '#531dab', '#1677ff'];

/**
 * @param {string} address of the avatar
 * @returns {string | null} an SVG image, or null if the address is not one of a test user's avatar
 */
export function drawAvatar(address) {
  let url;
  try {
    url = new URL(address);
  } catch {
    return null;
  }
  if (url.protocol !== 'https:' || url.hostname !== AVATAR_HOST) return null;
  const name = decodeURIComponentSafely(url.pathname.split('/').filter(Boolean).pop() ?? '').replace(/\.\w+$/, '');
  const initial = [...name].find((character) => /[\p{L}\p{N}]/u.test(character)) ?? '·';
  const colour =
    COLOURS[
      [...url.pathname].reduce((sum, character) => (sum * 31 + character.codePointAt(0)) % 9973, 7) % COLOURS.length
    ];
  return [
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96">',
    `<rect width="96" height="96" fill="${colour}"/>`,
    '<circle cx="48" cy="38" r="17" fill="#fff" fill-opacity=".22"/>',
    '<path d="M14 96c2-24 16-36 34-36s32 12 34 36z" fill="#fff" fill-opacity=".22"/>',
    '<text x="48" y="61" text-anchor="middle" font-family="sans-serif" font-size="38" font-weight="600" fill="#fff">',
    `${escapeText(initial.toUpperCase())}</text></svg>`,
  ].join('');
}

function decodeURIComponentSafely(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function escapeText(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
