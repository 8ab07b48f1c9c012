import behaviours from '../../platform/behaviours.json';
import calls from '../../platform/calls.json';
import components from '../../platform/components.json';
import { readPlatform } from '../../platform/reader.mjs';

/** The facts about the platform, bundled for the browser. Node uses `platform/index.mjs`. */
export default readPlatform({ calls, components, behaviours });
