import { createAuth } from 'miniauth';

/** The shop's own server. Replace it with yours, and put its domain on the app's whitelist. */
export const SERVER = 'https://api.shop.example';

// The platform's `my`, not `uni`: the client checks its calls.
export const auth = createAuth({ my, server: SERVER });
