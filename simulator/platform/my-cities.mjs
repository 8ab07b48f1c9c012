import { listeners, start } from './my.mjs';

/**
 * `my.chooseCity`, which returns a task in versions of the platform that can rename the located city.
 *
 * @param {import('./my.mjs').Front} front
 */
export function cityCalls(front) {
  return {
    chooseCity(options) {
      const { on, off, hear } = listeners(front, { located: 'LocatedComplete' });
      let id;
      const { returned } = start(front, 'chooseCity', options, {
        hear(event, { locatedCityId, ...place }) {
          id = locatedCityId;
          hear(event, place);
          front.hear('LocatedComplete', { ...place, locatedCityId });
        },
      });
      if (!front.names.includes('setLocatedCity')) return returned;
      const setLocatedCity = (given) => start(front, 'setLocatedCity', { ...given, locatedCityId: id }).returned;
      return Object.assign(returned ?? {}, { ...on, ...off, setLocatedCity });
    },
  };
}
