import { CallFault } from './call-fault.mjs';

/** Returns the network's state, from the request calls' fault. @param {import('./faults.mjs').Faults} faults */
export function networkOf(faults) {
  const available = !faults.strikes('offline', 'request');
  return { networkAvailable: available, networkType: available ? 'WIFI' : 'NOTREACHABLE' };
}

/** The phone's other state; methods are named like the calls. */
export class Device {
  /** @param {import('./platform.mjs').Ports} ports */
  constructor(ports) {
    this.ports = ports;
    this.clipboard = '';
    this.brightness = 0.5;
    /** Whether page code has started Wi-Fi. */
    this.hasWifi = false;
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

  // These calls do nothing: the simulator has no such menus, and its phone does not move.
  hideAddToDesktopMenu() {}

  hideAllAddToDesktopMenu() {}

  setVisualEffectOnCapture() {}

  startAccelerometer() {}

  stopAccelerometer() {}

  startCompass() {}

  stopCompass() {}

  startGyroscope() {}

  stopGyroscope() {}

  isScreenReaderEnabled() {
    return { screenReaderEnabled: false };
  }

  // Assumed: these two calls succeed even before Bluetooth is opened.
  getBluetoothAdapterState() {
    return { discovering: false, available: false };
  }

  closeBluetoothAdapter() {}

  /** The app may use Bluetooth, but Bluetooth is switched off. */
  getBLEDeviceStatus() {
    return { authStatus: 3, powerStatus: 4 };
  }

  startWifi() {
    this.hasWifi = true;
  }

  stopWifi() {
    this.hasWifi = false;
  }

  getConnectedWifi() {
    if (!this.hasWifi) throw CallFault.of(this.ports.facts, 'getConnectedWifi', 12000);
    return { wifi: { SSID: 'miniauth', BSSID: '02:00:00:00:00:00', secure: true, signalStrength: 100 } };
  }

  // According to the documents, these calls have an effect only on iOS.
  setWifiList() {}

  registerSSID() {}

  unregisterSSID() {}

  getAvailableAudioSources() {
    return { audioSources: ['auto', 'mic'] };
  }

  checkIsSupportIfaaAuthentication() {
    return { supportMode: ['fingerPrint'] };
  }

  checkIsIfaaEnrolledInDevice({ checkAuthMode }) {
    return { isEnrolled: checkAuthMode === 'fingerPrint' };
  }

  getMapInfo() {
    return { is3d: false, isSupportAnim: false, sdkName: 'none', sdkVersion: '0', isSupportOversea: false, needStyleV7: false };
  }

  'ap.getMainSelectedCity'() {
    return { name: '杭州市', code: '330100' };
  }

  /** Fonts are not loaded. */
  loadFontFace() {
    throw CallFault.of(this.ports.facts, 'loadFontFace', 10);
  }

  /** Returns the images unchanged: they are small enough here. */
  compressImage({ apFilePaths }) {
    return { apFilePaths: Array.isArray(apFilePaths) ? apFilePaths.map(String) : [] };
  }

  /** Fails: the simulator draws no canvases. */
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

  /** Assumed: an address without an image fails, with error 1. */
  async getImageInfo({ src }) {
    const picture = await this.ports.picture(String(src ?? ''));
    if (!picture) throw new CallFault(1, 'the picture could not be read');
    return { ...picture, path: String(src), orientation: 'up' };
  }
}
