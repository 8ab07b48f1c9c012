import { CallFault } from './call-fault.mjs';

/** The located city: the one in the documents. */
const HERE = { city: '杭州市', adCode: '330100', longitude: 120.126293, latitude: 30.274653 };

const CITIES = [
  { city: '杭州市', adCode: '330100' },
  { city: '上海市', adCode: '310000' },
  { city: '北京市', adCode: '110000' },
];

/**
 * Choosing a city, and renaming the located city while the list is open; methods are named like the calls. Hot cities and cities of earlier
 * visits are not listed separately.
 */
export class Cities {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    /** The open list, if its first entry can be renamed. @type {{ id: string, here: object, options: string[] } | null} */
    this.open = null;
    this.lastNumber = 0;
  }

  async chooseCity({ showLocatedCity, setLocatedCity, cities }, { ask, tell }) {
    const others = Array.isArray(cities) && cities.length > 0 ? cities : CITIES;
    const here = showLocatedCity === true ? { ...HERE } : undefined;
    const list = [...(here ? [here] : []), ...others.map(({ city, adCode }) => ({ city, adCode }))];
    const options = list.map((each) => (each === here ? located(each) : String(each.city)));
    // The caller may still be adding its listener.
    await null;
    if (here && setLocatedCity === true) {
      this.lastNumber += 1;
      this.open = { id: String(this.lastNumber), here, options };
      tell('located', { longitude: here.longitude, latitude: here.latitude, locatedCityId: this.open.id });
    }
    const { action, chosen = [0] } = await ask({
      kind: 'chooseCity',
      title: '选择城市',
      lists: [{ label: '城市', options, chosen: 0 }],
      choices: [
        { action: 'cancel', text: '取消' },
        { action: 'ok', text: '确定', main: true },
      ],
    });
    this.open = null;
    if (action !== 'ok') throw CallFault.of(this.ports.facts, 'chooseCity', 11);
    return { ...list[chosen[0]] };
  }

  /** Assumed: any id is wrong if no list is open that can be changed. */
  async setLocatedCity({ locatedCityId: id, locatedCityName: name, locatedCityAdCode: adCode }) {
    const fault = (number) => CallFault.of(this.ports.facts, 'setLocatedCity', number);
    if ([id, name].some((given) => given === undefined || given === '')) throw fault(12);
    if ([id, name, adCode ?? ''].some((given) => typeof given !== 'string')) throw fault(11);
    if (this.open?.id !== id) throw fault(13);
    const { here, options } = this.open;
    here.city = name;
    here.adCode = adCode ?? here.adCode;
    options[0] = located(here);
    this.ports.redraw?.();
    return { locatedCityName: name };
  }
}

function located({ city }) {
  return `${city}（当前定位）`;
}
