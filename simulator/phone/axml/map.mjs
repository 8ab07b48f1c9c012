import { h, inject, mergeProps, shallowRef, watch } from 'vue';
import { resolveImage } from './image-address.mjs';
import { COMMON_PROPS, PAGE, useElement } from './element.mjs';

/** The width of the whole world at scale 0 in pixels, as usual for web maps. */
const WORLD = 256;

const USUAL_SCALE = 16;

/** The range of a map's scale. */
const SCALES = [5, 18];

/**
 * `<map>`: a box without a map. Controls and markers appear at their positions (at the edge if outside) and can be tapped. Dragging moves
 * the map and the wheel zooms it, until the page sets the map's place again. The fields of its events are assumed, from public apps and copies of
 * the platform's page.
 */
export const AxmlMap = {
  name: 'axml-map',
  props: [...COMMON_PROPS, 'longitude', 'latitude', 'scale', 'markers', 'controls'],
  setup(props, { slots }) {
    const page = inject(PAGE);
    let self = null;
    /** The region to which the person moved the map. */
    const moved = shallowRef(null);
    watch(
      () => [props.longitude, props.latitude, props.scale],
      () => {
        moved.value = null;
      },
    );
    const view = () => moved.value ?? props;
    let drag = null;
    const { attributes, fire } = useElement(props, {
      tappable: () => !drag?.begun,
      drawn: (element) => {
        self = element;
      },
    });
    const change = (type, cause) => fire('regionChange', cause, { element: self, more: { type, ...regionOf(view()) } });
    const moves = {
      onPointerdown: ({ clientX, clientY }) => {
        drag = { from: regionOf(view()), clientX, clientY, begun: false, down: true };
      },
      onPointermove: (cause) => {
        if (!drag?.down) return;
        const [east, south] = [drag.clientX - cause.clientX, drag.clientY - cause.clientY];
        if (!drag.begun && Math.hypot(east, south) < LEAST_DRAG) return;
        if (!drag.begun) change('begin', cause);
        drag.begun = true;
        moved.value = shifted(drag.from, east, south);
      },
      onPointerup: (cause) => {
        if (drag?.down && drag.begun) change('end', cause);
        if (drag) drag.down = false;
      },
      onPointerleave: (cause) => moves.onPointerup(cause),
      onWheel: (cause) => {
        cause.preventDefault();
        change('begin', cause);
        const region = regionOf(view());
        const scale = Math.min(Math.max(region.scale - Math.sign(cause.deltaY), SCALES[0]), SCALES[1]);
        moved.value = { ...region, scale };
        change('end', cause);
      },
    };
    /** A tap on a control or marker is not a tap on the map. */
    const press = (type, more) => (cause) => {
      cause.stopPropagation();
      fire(type, cause, { element: self, more });
    };
    const picture = (path) => {
      const { address } = resolveImage(String(path ?? ''), page.route);
      return address && h('img', { src: address, alt: '' });
    };
    const control = ({ id, iconPath, position = {}, clickable }) =>
      h(
        'div',
        {
          class: 'axml-map-control',
          style: Object.fromEntries(['left', 'top', 'width', 'height'].map((name) => [name, pixels(position[name])])),
          'data-control': id,
          onClick: clickable === false ? undefined : press('controlTap', { controlId: id }),
        },
        [picture(iconPath)],
      );
    const marker = (given) => {
      const { id, iconPath, width, height, longitude, latitude, title, label, callout } = given;
      const spot = { markerId: id, longitude, latitude };
      return h('div', { class: 'axml-map-marker', style: placed(view(), given), 'data-marker': id, onClick: press('markerTap', spot) }, [
        callout?.content ? h('small', { onClick: press('calloutTap', spot) }, String(callout.content)) : null,
        h('div', { style: { width: pixels(width), height: pixels(height) } }, [picture(iconPath) ?? '●']),
        label?.content || title ? h('small', String(label?.content || title)) : null,
      ]);
    };
    return () => {
      const { longitude, latitude, scale } = view();
      const where = [longitude, latitude, scale].map((value) => value ?? '—').join(' ');
      return h('axml-map', { ...mergeProps(attributes(), moves), 'data-tag': '<map>', 'data-given': where }, [
        list(props.markers).map(marker),
        list(props.controls).map(control),
        slots.default?.(),
      ]);
    };
  },
};

const list = (value) => (Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : []);
const pixels = (value) => (Number.isFinite(Number(value ?? Number.NaN)) ? `${Number(value)}px` : undefined);

/** Positions a marker's foot relative to the centre of the map. */
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

/** The distance from which a press counts as a drag, in pixels. */
const LEAST_DRAG = 4;

/** The place that a map without coordinates shows (assumed, from copies of the platform's page). */
const BEIJING = { longitude: 116.4, latitude: 39.9 };

function regionOf({ longitude, latitude, scale }) {
  const number = (value, usual) => (Number.isFinite(Number(value ?? Number.NaN)) ? Number(value) : usual);
  return {
    longitude: number(longitude, BEIJING.longitude),
    latitude: number(latitude, BEIJING.latitude),
    scale: number(scale, USUAL_SCALE),
  };
}

function shifted({ longitude, latitude, scale }, east, south) {
  const pixel = WORLD * 2 ** scale;
  const north = mercator(latitude) - south / pixel;
  const angle = 2 * Math.atan(Math.exp(2 * Math.PI * north)) - Math.PI / 2;
  const rounded = (degrees) => Number(degrees.toFixed(6));
  return { longitude: rounded(longitude + (east / pixel) * 360), latitude: rounded((angle * 180) / Math.PI), scale };
}
