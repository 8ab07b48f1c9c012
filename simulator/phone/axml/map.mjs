import { h, inject } from 'vue';
import { resolveImage } from './image-address.mjs';
import { COMMON_PROPS, PAGE, useElement } from './element.mjs';

/** As on maps of this kind: how many pixels the whole world is wide at scale 0. */
const WORLD = 256;

const USUAL_SCALE = 16;

/**
 * `<map>`: a box without streets. Controls and markers lie on it where they would be, those beyond its edge at the edge, and can be pressed.
 * The fields of their events are assumed, from public apps.
 */
export const AxmlMap = {
  name: 'axml-map',
  props: [...COMMON_PROPS, 'longitude', 'latitude', 'scale', 'markers', 'controls'],
  setup(props, { slots }) {
    const page = inject(PAGE);
    let self = null;
    const { attributes, fire } = useElement(props, {
      drawn: (element) => {
        self = element;
      },
    });
    /** A press on what lies on the map is none on the map. */
    const press = (type, more) => (cause) => {
      cause.stopPropagation();
      fire(type, cause, { element: self, more });
    };
    const picture = (path) => {
      const { address } = resolveImage(String(path ?? ''), page.route);
      return address && h('img', { src: address, alt: '' });
    };
    const control = ({ id, iconPath, position = {}, clickable }) =>
      h('div', {
        class: 'axml-map-control',
        style: Object.fromEntries(['left', 'top', 'width', 'height'].map((name) => [name, pixels(position[name])])),
        'data-control': id,
        onClick: clickable === false ? undefined : press('controlTap', { controlId: id }),
      }, [picture(iconPath)]);
    const marker = (given) => {
      const { id, iconPath, width, height, longitude, latitude, title, label, callout } = given;
      const spot = { markerId: id, longitude, latitude };
      return h('div', { class: 'axml-map-marker', style: placed(props, given), 'data-marker': id, onClick: press('markerTap', spot) }, [
        callout?.content ? h('small', { onClick: press('calloutTap', spot) }, String(callout.content)) : null,
        h('div', { style: { width: pixels(width), height: pixels(height) } }, [picture(iconPath) ?? '●']),
        label?.content || title ? h('small', String(label?.content || title)) : null,
      ]);
    };
    return () => {
      const where = [props.longitude, props.latitude, props.scale].map((value) => value ?? '—').join(' ');
      return h('axml-map', { ...attributes(), 'data-tag': '<map>', 'data-given': where }, [
        list(props.markers).map(marker),
        list(props.controls).map(control),
        slots.default?.(),
      ]);
    };
  },
};

const list = (value) => (Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : []);
const pixels = (value) => (Number.isFinite(Number(value ?? Number.NaN)) ? `${Number(value)}px` : undefined);

/** Where a marker's foot is, from the middle of the map. */
function placed({ longitude, latitude, scale }, marker) {
  const pixel = WORLD * 2 ** (Number(scale) || USUAL_SCALE);
  const east = ((Number(marker.longitude) - Number(longitude)) / 360) * pixel;
  const south = (mercator(latitude) - mercator(marker.latitude)) * pixel;
  const within = (offset) => `clamp(12px, calc(50% + ${Number.isFinite(offset) ? Math.round(offset) : 0}px), calc(100% - 12px))`;
  return { left: within(east), top: within(south) };
}

function mercator(latitude) {
  const angle = (Number(latitude) * Math.PI) / 180;
  return Math.log(Math.tan(Math.PI / 4 + angle / 2)) / (2 * Math.PI);
}
