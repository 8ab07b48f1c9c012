import { defineConfig } from 'vite';
import plugin from '@dcloudio/vite-plugin-uni';

/** uni-app disables source maps; they are written next to the output. */
const sourceMaps = { name: 'source-maps', config: () => ({ build: { sourcemap: true } }) };

export default defineConfig({ plugins: [(plugin.default ?? plugin)(), sourceMaps] });
