const { button } = require('./button.js');
const { consent } = require('./consent.js');
const { display } = require('./display.js');
const { login } = require('./login.js');
const { phone } = require('./phone.js');
const { requests } = require('./requests.js');
const { sessions } = require('./sessions.js');
const { state } = require('./state.js');
const { transports } = require('./transports.js');
const { waiting } = require('./waiting.js');

/**
 * The client's behaviours on every host. `run`, and `again` after a restart of the app, are page code; `panels` is how many consent panels
 * the person sees, or the row that says so; `apis` and `hosts` limit where it applies. A behaviour that changes what all users share says
 * `alone`.
 *
 * @typedef {{ name: string, panels: number | { row: string }, apis?: string[], hosts?: string[], alone?: boolean,
 *   run: Function, again?: Function }} Behaviour
 * @type {Behaviour[]}
 */
exports.behaviours = [].concat(login, consent, button, display, waiting, sessions, state, phone, requests, transports);
