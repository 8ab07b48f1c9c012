/* global worker */
import { Line } from './line.js';

/** In the Worker: the way to the page. */
export const page = new Line(worker);
