import { CallFault } from './call-fault.mjs';
import { USER_FOLDER } from './files.mjs';
import { atOnce, settleLater } from './my.mjs';

/**
 * The calls and values that need no host: page logic answers them itself.
 *
 * @param {import('./my.mjs').Front} front
 */
export function valueCalls(front) {
  const asynchronous = (name, work) => (options) => settleLater(front, name, options, () => atOnce(front, name, {}, work));
  const synchronous = (name, work) => () => atOnce(front, name, {}, work);
  const { systemInfo, launchOptions } = front;
  const { version, SDKVersion, language } = systemInfo();
  return {
    getSystemInfo: asynchronous('getSystemInfo', systemInfo),
    getSystemInfoSync: synchronous('getSystemInfoSync', systemInfo),
    getWindowInfo: synchronous('getWindowInfo', () => windowInfo(systemInfo())),
    getAppBaseInfo: synchronous('getAppBaseInfo', () => ({ SDKVersion, language, version })),
    getMenuButtonBoundingClientRect: synchronous('getMenuButtonBoundingClientRect', () => ({ success: true, ...capsule(systemInfo()) })),
    getSystemSetting: synchronous('getSystemSetting', () => ({ bluetoothEnabled: false, locationEnabled: true, wifiEnabled: true })),
    getStorageInfo: asynchronous('getStorageInfo', () => storageInfo(front)),
    // The documents only say that the answer is that of getStorageInfo.
    getStorageInfoSync: synchronous('getStorageInfoSync', () => ({ ...storageInfo(front), success: true })),
    getExtConfig: asynchronous('getExtConfig', () => {
      const ext = extOf(front);
      return { data: ext, extConfig: ext };
    }),
    getExtConfigSync: synchronous('getExtConfigSync', () => {
      try {
        return extOf(front);
      } catch {
        // No source says what it returns then; an empty object is assumed.
        return {};
      }
    }),
    getBatteryInfo: asynchronous('getBatteryInfo', battery),
    getBatteryInfoSync: synchronous('getBatteryInfoSync', battery),
    getAppIdSync: synchronous('getAppIdSync', () => ({ appId: front.appId })),
    getAccountInfoSync: synchronous('getAccountInfoSync', () => ({
      miniProgram: { appId: front.appId, envVersion: 'develop', version: '0.0.1' },
    })),
    getLaunchOptionsSync: synchronous('getLaunchOptionsSync', launchOptions),
    getEnterOptionsSync: synchronous('getEnterOptionsSync', launchOptions),
    SDKVersion,
    env: { USER_DATA_PATH: USER_FOLDER, clientName: 'ap', clientVersion: version, language, platform: 'unknown' },
  };
}

const battery = () => ({ level: 100, isCharging: true });

/** The position of the buttons in the title bar, as in the typings' example (assumed). */
function capsule({ screenWidth, statusBarHeight, titleBarHeight }) {
  const [width, height] = [79, 30];
  const right = screenWidth - 9;
  const top = statusBarHeight + (titleBarHeight - height) / 2;
  return { width, height, top, right, bottom: top + height, left: right - width };
}

function windowInfo({ pixelRatio, screenWidth, screenHeight, windowWidth, windowHeight, statusBarHeight }) {
  const safeArea = {
    left: 0,
    top: statusBarHeight,
    right: screenWidth,
    bottom: screenHeight,
    width: screenWidth,
    height: screenHeight - statusBarHeight,
  };
  return { pixelRatio, screenWidth, screenHeight, windowWidth, windowHeight, statusBarHeight, safeArea };
}

function storageInfo({ texts, facts }) {
  const characters = [...texts.values()].reduce((total, text) => total + text.length, 0);
  return { keys: [...texts.keys()], currentSize: Math.ceil(characters / 1024), limitSize: facts.call('setStorage').limits.total_kilobytes };
}

/** Returns the `ext` of ext.json. */
function extOf({ extConfig, facts }) {
  const ext = extConfig?.ext;
  if (typeof ext !== 'object' || ext === null) throw CallFault.of(facts, 'getExtConfig', 20);
  if (extConfig.extEnable !== true) throw CallFault.of(facts, 'getExtConfig', 21);
  return ext;
}
