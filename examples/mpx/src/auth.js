import { createAuth } from 'miniauth';

/** The shop's own server. Replace it by yours and put its domain on the app's whitelist. */
export const SERVER = 'https://api.shop.example';

// The platform's `my`, not `mpx`: its calls are what the client watches over.
export const auth = createAuth({ my, server: SERVER });
