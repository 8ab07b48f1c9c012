export { nothingCrossesTheBoundary as run } from '../support/boundary-scenario.mjs';

export const title = '6. 越界, with a nickname that every encoder has to escape';

export const user = { nick_name: '阿\\"}{"sign":"x 👩‍🌾+%41 e\u0301' };
