import { createApp } from 'vue';
import { registerAxml } from './axml/index.mjs';
import { Host } from './components/host.mjs';
import { start } from './session.mjs';
import './style/host.css';

const app = createApp(Host);
registerAxml(app);
app.mount('#host');
void start();
