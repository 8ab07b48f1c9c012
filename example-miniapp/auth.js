const { createAuth } = require('miniauth');

/** The shop's own server. Replace it by yours and put its domain on the app's whitelist. */
const SERVER = 'https://api.shop.example';

const auth = createAuth({
  my,
  server: SERVER,
  // Every decision of the library with its reason, never with a nickname or an avatar in it.
  observe: (decision) => console.info('[miniauth]', decision),
});

/**
 * Whether nickname and avatar are asked for by the platform's authorising button, as today. Clients that have only the older call
 * ask with a panel on a tap.
 */
const asksByButton = my.canIUse('getOpenUserInfo');

module.exports = { auth, asksByButton, SERVER };
