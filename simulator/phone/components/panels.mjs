import { state } from '../state.mjs';
import { recordError } from '../timeline.mjs';
import { render } from './panels.html';
import { template } from './template.mjs';

export const Panels = template('phone-panels', render, {
  setup: () => ({
    state,
    /** A consent that a script clicked is none. */
    decide(event, action) {
      if (event.isTrusted) state.consent.decide(action);
      else recordError(new Error(`a consent (${action}) that no user gave was refused`), 'simulator');
    },
  }),
});
