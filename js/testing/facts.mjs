import behaviours from '../../platform/behaviours.json';
import calls from '../../platform/calls.json';
import components from '../../platform/components.json';
import gateway from '../../platform/gateway.json';
import { readPlatform } from '../../platform/reader.mjs';

/** The facts about the platform, bundled with the package. */
export default readPlatform({ behaviours, calls, components, gateway });
