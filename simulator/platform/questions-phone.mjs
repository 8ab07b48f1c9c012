/** Calls that ask the person about the phone itself: its microphone, videos, Wi-Fi, and the identity of its user. */

const no = { action: 'cancel', text: '取消' };
const refuse = { action: 'refuse', text: '不允许' };
const yes = (text) => ({ action: 'ok', text, main: true });

/** On a phone the app would end here; the person opens it again. */
const back = { title: '小程序已退出', choices: [yes('再次打开')] };

/** @type {Record<string, import('./questions.mjs').Asking>} */
export const PHONE = {
  // The settings' name of this permission is assumed.
  'RecorderManager.start': {
    permission: 'audioRecord',
    panel: () => ({
      title: '小程序要使用你的麦克风',
      note: '不会真实录音，文件里没有声音 · nothing is recorded, the file has no sound in it',
      choices: [refuse, yes('允许')],
    }),
    settle({ action }, _fields, fault) {
      if (action !== 'ok') throw fault(10);
    },
  },
  chooseVideo: {
    leaves: true,
    panel: () => ({
      title: '选择视频',
      note: '视频文件里没有画面 · there is no picture in the file',
      choices: [no, refuse, yes('选择')],
    }),
    settle({ action }, _fields, fault, files) {
      if (action === 'refuse') throw fault(2001);
      if (action === 'cancel') throw fault(11);
      const bytes = new Uint8Array(1024);
      return { tempFilePath: files.add({ bytes, type: 'video/mp4' }), duration: 10, size: bytes.length, height: 480, width: 640 };
    },
  },
  connectWifi: {
    panel: ({ SSID }) => ({
      title: `加入 Wi-Fi“${SSID}”`,
      choices: [refuse, { action: 'wrong', text: '密码错误' }, yes('加入')],
    }),
    settle({ action }, _fields, fault) {
      if (action === 'refuse') throw fault(12007);
      if (action === 'wrong') throw fault(12002);
    },
  },
  watchShake: {
    panel: () => ({ title: '摇一摇', choices: [yes('摇')] }),
    settle: () => ({}),
  },
  startIfaaAuthentication: {
    leaves: true,
    panel: () => ({ title: '验证指纹', choices: [no, { action: 'other', text: '验证失败' }, yes('验证通过')] }),
    settle({ action }, _fields, fault) {
      if (action === 'cancel') throw fault(61003);
      if (action === 'other') throw fault(61001);
      return { verifyId: 'simulator' };
    },
  },
  exitMiniProgram: { leaves: true, panel: () => back, settle: () => ({}) },
  navigateBackMiniProgram: { leaves: true, panel: () => back, settle: () => ({}) },
};
