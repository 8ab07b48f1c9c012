export { nothingCrossesTheBoundary as run } from '../support/boundary-scenario.mjs';

export const title = "6. 越界: seven ways to send display information, each refused before the platform's call";

export const byProfile = true;
