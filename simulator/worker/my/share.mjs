import { runPageCode } from '../report.mjs';

/**
 * Sharing the page in front: what is shared is what the page says, or else the app; the person decides in a panel, and who was asked is
 * told how it ended.
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
