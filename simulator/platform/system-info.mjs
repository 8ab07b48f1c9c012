/** The simulated versions of the client and the base library. */
const VERSIONS = {
  current: { version: '10.5.60', SDKVersion: '2.9.7' },
  legacy: { version: '10.1.30', SDKVersion: '1.10.0' },
};

/** Returns the phone's system info. @param {'current' | 'legacy'} generation */
export function systemInfo(generation) {
  return {
    platform: 'simulator',
    app: 'alipay',
    model: 'miniauth simulator',
    brand: 'miniauth',
    system: '0',
    ...VERSIONS[generation],
    language: 'zh-Hans',
    pixelRatio: 2,
    screenWidth: 375,
    screenHeight: 720,
    windowWidth: 375,
    windowHeight: 632,
    statusBarHeight: 24,
    titleBarHeight: 44,
    screen: { width: 375, height: 720 },
    storage: '128 GB',
    currentBattery: '100%',
    fontSizeSetting: 16,
  };
}
