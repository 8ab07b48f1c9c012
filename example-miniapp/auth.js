const { createAuth } = require('miniauth');

/** The shop's own server. Replace it by yours and put its domain on the app's whitelist. */
const SERVER = 'https://api.shop.example';

const auth = createAuth({
  my,
  server: SERVER,
  // Every decision of the library with its reason, never with a nickname or an avatar in it.
  observe: (decision) => console.info('[miniauth]', decision),
});

module.exports = { auth, SERVER };
