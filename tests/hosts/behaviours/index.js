const { consent } = require('./consent.js');
const { display } = require('./display.js');
const { login } = require('./login.js');
const { requests } = require('./requests.js');
const { sessions } = require('./sessions.js');

/**
 * What the client does on every host. `run`, and after the app was started again `again`, are page code; `panels` is how
 * many consent panels the person sees, and `apis` and `hosts` say where it applies, if not everywhere.
 *
 * @typedef {{ name: string, panels: number, apis?: string[], hosts?: string[], run: Function, again?: Function }} Behaviour
 * @type {Behaviour[]}
 */
exports.behaviours = [].concat(login, consent, display, sessions, requests);
