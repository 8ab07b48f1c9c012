export { nothingCrossesTheBoundary as run } from '../support/boundary-scenario.mjs';

export const title = '6. 越界, with a nickname so short that it could be a common word';

export const user = { nick_name: '张伟' };
