import { runPageCode } from '../report.mjs';

/**
 * Shares the front page: the page, or else the app, provides the content; the person decides in a panel, and the provider's callbacks
 * receive the outcome.
 *
 * @param {import('../../platform/my.mjs').Front} front
 * @param {import('../navigation.mjs').Navigation} navigation
 * @param {() => any} appInstance
 */
export function sharing(front, navigation, appInstance) {
  /** @param {'code' | 'menu'} from */
  return async (from) => {
    const owners = [navigation.top?.instance, appInstance()];
    const owner = owners.find((each) => typeof each?.onShareAppMessage === 'function');
    const content = (await runPageCode(() => owner?.onShareAppMessage({ from }))) ?? {};
    const { title, desc, path = navigation.top?.route, imageUrl } = content;
    front.call('showSharePanel', { title, desc, path, imageUrl }, (outcome, value) => {
      if (typeof content[outcome] === 'function') runPageCode(() => content[outcome](value));
    });
  };
}
