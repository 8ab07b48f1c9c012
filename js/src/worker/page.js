/* global worker */
import { Line } from './line.js';

/** The Worker's connection to the page. */
export const page = new Line(worker);
