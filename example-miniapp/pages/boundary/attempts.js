const { percentEncode, base64Encode } = require('./encode');

/** @typedef {{ name: string, options: { url: string, headers?: Record<string, string>, data?: object } }} Attempt */

/**
 * Seven ways in which apps in the wild send display information on.
 *
 * @param {string} server
 * @param {{ nickName: string, avatar: string }} plain
 * @returns {Attempt[]}
 */
function attempts(server, plain) {
  const url = server + '/profile';
  const { nickName, avatar } = plain;
  return [
    { name: '原样放进请求体', options: { url, data: { nickName } } },
    { name: '藏在嵌套的对象里', options: { url, data: { order: { people: [{ picture: avatar }] } } } },
    { name: '写进 JSON 字符串', options: { url, data: { payload: JSON.stringify({ a: nickName, b: avatar }) } } },
    { name: '百分号编码', options: { url, data: { note: percentEncode(nickName) } } },
    { name: 'Base64 编码', options: { url, data: { blob: base64Encode(nickName) } } },
    { name: '拼进网址', options: { url: url + '?name=' + encodeURIComponent(nickName) } },
    { name: '放进请求头', options: { url, headers: { 'x-picture': avatar } } },
  ];
}

module.exports = { attempts };
