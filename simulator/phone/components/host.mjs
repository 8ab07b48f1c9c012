import { Controls } from './controls.mjs';
import { template } from './template.mjs';
import { render } from './host.html';
import { PhoneFrame } from './phone-frame.mjs';
import { Timeline } from './timeline.mjs';

export const Host = template('simulator-host', render, { components: { Controls, PhoneFrame, Timeline } });
