import facts from '../../platform/facts.mjs';
import { state } from '../state.mjs';
import { Controls } from './controls.mjs';
import { render } from './host.html';
import { PhoneFrame } from './phone-frame.mjs';
import { Timeline } from './timeline.mjs';

export const Host = {
  name: 'simulator-host',
  render,
  components: { Controls, PhoneFrame, Timeline },
  setup: () => ({
    state,
    /** What a profile is about, for whoever points at it. */
    meaning: (pair) => facts.profiles[pair.split(':')[0]].what,
  }),
};
