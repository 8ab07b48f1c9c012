const { createAuth } = require('miniauth');

/** The shop's own server. Replace it with yours, and put its domain on the app's whitelist. */
const SERVER = 'https://api.shop.example';

const auth = createAuth({
  my,
  server: SERVER,
  // Every decision of the library with its reason, never with a nickname or avatar.
  observe: (decision) => console.info('[miniauth]', decision),
});

/** Whether nickname and avatar need the platform's authorising button, as today. Clients with only the older call show a panel on a tap. */
const asksByButton = my.canIUse('getOpenUserInfo');

module.exports = { auth, asksByButton, SERVER };
