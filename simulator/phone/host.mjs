import { createApp } from 'vue';
import facts from '../platform/facts.mjs';
import { registerAxml } from './axml/index.mjs';
import { Controls } from './components/controls.mjs';
import { render } from './components/host.html';
import { PhoneFrame } from './components/phone-frame.mjs';
import { Side } from './components/side.mjs';
import { start } from './session.mjs';
import { state } from './state.mjs';
import './style/host.css';

const app = createApp({
  name: 'simulator-host',
  render,
  components: { Controls, PhoneFrame, Side },
  setup: () => ({
    state,
    /** The tooltip of a profile. */
    meaning: (pair) => facts.profiles[pair.split(':')[0]].what,
  }),
});
registerAxml(app);
app.mount('#host');
void start();
