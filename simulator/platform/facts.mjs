import behaviours from '../../platform/behaviours.json';
import calls from '../../platform/calls.json';
import components from '../../platform/components.json';
import { readPlatform } from '../../platform/reader.mjs';

/** What is known of the platform, for what runs in the browser: bundled with it. Node has `platform/index.mjs`. */
export default readPlatform({ calls, components, behaviours });
