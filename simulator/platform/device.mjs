import { CallFault } from './call-fault.mjs';

/** Which network there is: requests say whether there is one. @param {import('./faults.mjs').Faults} faults */
export function networkOf(faults) {
  const available = !faults.strikes('offline', 'request');
  return { networkAvailable: available, networkType: available ? 'WIFI' : 'NOTREACHABLE' };
}

/** What the phone knows and keeps besides, by the names of the calls. */
export class Device {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    this.clipboard = '';
    this.brightness = 0.5;
  }

  getNetworkType() {
    return networkOf(this.ports.faults);
  }

  getScreenBrightness() {
    return { brightness: this.brightness };
  }

  setScreenBrightness({ brightness }) {
    this.brightness = Number(brightness);
  }

  setKeepScreenOn() {}

  hideShareMenu() {}

  /** They are small enough here. */
  compressImage({ apFilePaths }) {
    return { apFilePaths: Array.isArray(apFilePaths) ? apFilePaths.map(String) : [] };
  }

  /** There are no canvases. */
  canvasToTempFilePath() {
    throw CallFault.of(this.ports.facts, 'canvasToTempFilePath', 1);
  }

  getServerTime() {
    return { time: this.ports.clock.now() };
  }

  getRunScene() {
    return { envVersion: 'develop' };
  }

  setClipboard({ text }) {
    this.clipboard = String(text ?? '');
  }

  getClipboard() {
    return { text: this.clipboard };
  }

  /** That an address with no picture behind it fails, and with 1, is assumed. */
  async getImageInfo({ src }) {
    const picture = await this.ports.picture(String(src ?? ''));
    if (!picture) throw new CallFault(1, 'the picture could not be read');
    return { ...picture, path: String(src), orientation: 'up' };
  }
}
