// Translates a case into an app for the other platform, for tools that only know that one: only names change.

const APIS = {
  getAuthUserInfo: 'getUserProfile',
  getOpenUserInfo: 'getUserInfo',
  httpRequest: 'request',
};

/** The sources of display information and the sinks there: the same lists for every peer. */
export const SOURCES = ['wx.getUserProfile', 'wx.getUserInfo'];
export const SINKS = [
  'wx.request',
  'wx.uploadFile',
  'wx.downloadFile',
  'wx.connectSocket',
  'wx.sendSocketMessage',
  'SocketTask.send',
  'wx.setStorage',
  'wx.setStorageSync',
  'wx.navigateToMiniProgram',
  'wx.navigateBackMiniProgram',
  'wx.reportAnalytics',
  'wx.reportEvent',
  'wx.cloud.callFunction',
  'wx.getFileSystemManager.writeFile',
  'wx.getFileSystemManager.writeFileSync',
];

const script = (text) => {
  const renamed = text.replace(/(?<![.\w$'"-])my(?![\w$'"-])/g, 'wx');
  return renamed.replace(/\b(getAuthUserInfo|getOpenUserInfo|httpRequest)\b/g, (name) => APIS[name]);
};

const template = (text) =>
  text
    .replace(/\b(on|catch)([A-Z]\w*)(?==)/g, (_, kind, event) => (kind === 'on' ? 'bind' : 'catch') + event.toLowerCase())
    .replace(/\ba:/g, 'wx:')
    .replace(/<import-sjs name=("\w+") from=/g, '<wxs module=$1 src=')
    .replaceAll('.axml', '.wxml')
    .replaceAll('.sjs', '.wxs');

/**
 * @param {Record<string, string>} files a case's files
 * @returns {Record<string, string>}
 */
export function forWechat(files) {
  const pages = Object.keys(files)
    .filter((path) => /^pages\/.*\.axml$/.test(path))
    .map((path) => path.slice(0, -5));
  const rendered = { 'app.json': JSON.stringify({ pages }), 'app.js': 'App({});\n' };
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith('.axml')) {
      rendered[path.replace(/axml$/, 'wxml')] = template(text);
    } else if (path.endsWith('.sjs')) {
      rendered[path.replace(/sjs$/, 'wxs')] = text;
    } else {
      rendered[path] = path.endsWith('.js') ? script(text) : text;
    }
  }
  return rendered;
}
